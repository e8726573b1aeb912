package org.dragonflow.lock.engine.line;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.LockObserver.WaitScope;
import org.dragonflow.lock.engine.StoreCall;
import org.dragonflow.lock.engine.WaitOutcome;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.engine.threads.Mailbox;

/**
 * Tells observers what happens, each by a mailbox of its own. Who has been told of a
 * begin is kept as a number with a bit for each, to be told of the end.
 */
public record Observers(Logbook log, List<Observer> all) {

	public Observers(List<? extends LockObserver> observers, EngineThreads threads, Logbook log) {
		this(log,
				IntStream.range(0, observers.size())
					.mapToObj((i) -> new Observer(observers.get(i),
							new Mailbox(threads, log, "observer", "The observer " + observers.get(i)),
							// More than that share the last one.
							1L << Math.min(i, Long.SIZE - 1)))
					.toList());
	}

	public void waitBegan(Request request) {
		if (this.all.isEmpty()) {
			return;
		}
		request.toldTo(began((observer) -> observer.waitBegan(request)));
		for (Observer observer : this.all) {
			this.log.run(() -> {
				WaitScope scope = observer.observer.openScope(request);
				if (scope != null) {
					request.opened(observer.observer, scope);
				}
			}, "The observer " + observer.observer + ", at the begin of a wait,");
		}
	}

	public void waitEnded(Request request, WaitOutcome outcome) {
		if (this.all.isEmpty()) {
			return;
		}
		request.end();
		request.scopes()
			.forEach((scope) -> this.log.run(() -> scope.close(outcome), "An observer, at the end of a wait,"));
		ended(request.toldTo(), (observer) -> observer.waitEnded(request, outcome));
	}

	public long holdBegan(LockHold hold) {
		return this.all.isEmpty() ? 0 : began((observer) -> observer.holdBegan(hold));
	}

	public void holdEnded(long toldTo, LockHold hold, HoldOutcome outcome) {
		if (toldTo != 0) {
			ended(toldTo, (observer) -> observer.holdEnded(hold, outcome));
		}
	}

	public void storeFailed(StoreCall call, RuntimeException failure) {
		began((observer) -> observer.storeFailed(call, failure));
	}

	private long began(Consumer<LockObserver> event) {
		long told = 0;
		for (Observer observer : this.all) {
			told |= observer.mailbox.offer(() -> event.accept(observer.observer)) ? observer.bit : 0;
		}
		return told;
	}

	private void ended(long toldTo, Consumer<LockObserver> event) {
		for (Observer observer : this.all) {
			if ((toldTo & observer.bit) != 0) {
				observer.mailbox.add(() -> event.accept(observer.observer));
			}
		}
	}

	record Observer(LockObserver observer, Mailbox mailbox, long bit) {
	}

}
