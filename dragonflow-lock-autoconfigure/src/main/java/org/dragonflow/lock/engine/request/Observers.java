package org.dragonflow.lock.engine.request;

import java.util.List;
import java.util.function.Consumer;

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
 * Tells observers what happens, each by a mailbox of its own.
 */
public final class Observers {

	private final Logbook log;

	private final List<Observer> all;

	public Observers(List<LockObserver> observers, EngineThreads threads, Logbook log) {
		this.log = log;
		this.all = observers.stream()
			.map((observer) -> new Observer(observer,
					new Mailbox(threads, log, "observer", "The observer " + observer)))
			.toList();
	}

	/**
	 * The thread of a request begins to wait.
	 */
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
			}, "the begin of a wait");
		}
	}

	/**
	 * The thread of a request waits no longer.
	 */
	public void waitEnded(Request request, WaitOutcome outcome) {
		if (this.all.isEmpty()) {
			return;
		}
		request.end();
		request.scopes().forEach((scope) -> this.log.run(() -> scope.close(outcome), "the end of a wait"));
		ended(request.toldTo(), (observer) -> observer.waitEnded(request, outcome));
	}

	/**
	 * A hold begins.
	 * @return which observers will be told, for its end
	 */
	public long holdBegan(LockHold hold) {
		return this.all.isEmpty() ? 0 : began((observer) -> observer.holdBegan(hold));
	}

	/**
	 * A hold has ended.
	 * @param toldTo which observers have been told that it began
	 */
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
		long bit = 1;
		for (Observer observer : this.all) {
			told |= observer.mailbox.offer(() -> event.accept(observer.observer)) ? bit : 0;
			bit <<= 1;
		}
		return told;
	}

	private void ended(long toldTo, Consumer<LockObserver> event) {
		long bit = 1;
		for (Observer observer : this.all) {
			if ((toldTo & bit) != 0) {
				observer.mailbox.add(() -> event.accept(observer.observer));
			}
			bit <<= 1;
		}
	}

	private record Observer(LockObserver observer, Mailbox mailbox) {
	}

}
