package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * What observers see of a hold. Its begin is told by the thread that takes it, and its
 * end by whoever ends it, maybe at the same time; so whoever comes second leaves the end
 * to who tells the begin.
 */
final class ObservedHold implements LockHold, HoldTelling {

	private enum Told {

		NOTHING, BEGINNING, BEGIN, END

	}

	private final EngineHold hold;

	private final LockObserver observer;

	private final AtomicReference<Told> told = new AtomicReference<>(Told.NOTHING);

	// Written before the state that lets others read it.
	private volatile HoldOutcome outcome = HoldOutcome.RELEASED;

	private volatile @Nullable String label;

	ObservedHold(EngineHold hold, LockObserver observer) {
		this.hold = hold;
		this.observer = observer;
	}

	@Override
	public void began(@Nullable String label) {
		if (this.told.compareAndSet(Told.NOTHING, Told.BEGINNING)) {
			this.label = label;
			this.observer.holdBegan(this);
			if (!this.told.compareAndSet(Told.BEGINNING, Told.BEGIN)) {
				this.observer.holdEnded(this, this.outcome);
			}
		}
	}

	@Override
	public void ended(HoldOutcome outcome) {
		if (this.told.get() == Told.END) {
			return;
		}
		began(null);
		this.outcome = outcome;
		if (this.told.getAndSet(Told.END) == Told.BEGIN) {
			this.observer.holdEnded(this, outcome);
		}
	}

	@Override
	public LockKey key() {
		return this.hold.storeHold().key();
	}

	@Override
	public String owner() {
		return this.hold.storeHold().owner();
	}

	@Override
	public long fencingToken() {
		return this.hold.fencingToken();
	}

	@Override
	public @Nullable String label() {
		return this.label;
	}

	@Override
	public String threadName() {
		return this.hold.place().threadName();
	}

	@Override
	public Duration lease() {
		return this.hold.lease();
	}

	@Override
	public boolean isHandedOver() {
		return this.hold.isHandedOver();
	}

	@Override
	public Duration age() {
		return Duration.ofNanos(System.nanoTime() - this.hold.sinceNanoTime());
	}

	@Override
	public Duration remaining() {
		return this.hold.validUntil().remaining();
	}

}
