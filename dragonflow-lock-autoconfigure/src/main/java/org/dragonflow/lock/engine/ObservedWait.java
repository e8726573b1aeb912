package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;

import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * A wait that observers are told of.
 */
final class ObservedWait implements Waiting, LockWait {

	private final Waiting waiting;

	private final @Nullable String label;

	private final LockObserver observer;

	private final String threadName = ThreadNames.of(Thread.currentThread());

	private final long sinceNanoTime = System.nanoTime();

	private volatile List<LockKey> keys = List.of();

	private volatile int at;

	ObservedWait(Waiting waiting, @Nullable String label, LockObserver observer) {
		this.waiting = waiting;
		this.label = label;
		this.observer = observer;
	}

	@Override
	public <T extends @Nullable Object> T run(WaitingStep<T> step) throws InterruptedException {
		return this.waiting.run(step);
	}

	@Override
	public void began(List<LockKey> keys) {
		this.keys = keys;
		this.observer.waitBegan(this);
	}

	@Override
	public void granted(EngineHold hold, int count) {
		this.at = Math.min(count, this.keys.size() - 1);
		hold.telling().began(this.label);
	}

	@Override
	public void ended(WaitOutcome outcome) {
		this.observer.waitEnded(this, outcome);
	}

	@Override
	public List<LockKey> keys() {
		return this.keys;
	}

	@Override
	public LockKey key() {
		return this.keys.get(this.at);
	}

	@Override
	public @Nullable String label() {
		return this.label;
	}

	@Override
	public String threadName() {
		return this.threadName;
	}

	@Override
	public Duration age() {
		return Duration.ofNanos(System.nanoTime() - this.sinceNanoTime);
	}

}
