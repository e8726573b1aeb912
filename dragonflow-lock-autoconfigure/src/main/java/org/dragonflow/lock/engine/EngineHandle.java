package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.engine.grant.Actions.Occasion;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.FencingTokens;
import org.dragonflow.lock.engine.threads.Logbook;
import org.jspecify.annotations.Nullable;

/**
 * A handle on one hold or several.
 */
final class EngineHandle implements LockHandle {

	private final LockEngine lock;

	private final Logbook log;

	private final SortedMap<String, EngineHold> holds;

	private final @Nullable Thread owner;

	private final @Nullable Consumer<List<EngineHold>> end;

	private final AtomicBoolean closed = new AtomicBoolean();

	private volatile boolean released;

	/**
	 * @param owner the only thread that may close it, null for any
	 * @param end ends the holds; null if the handle is for looking at them only
	 */
	EngineHandle(LockEngine lock, Logbook log, List<EngineHold> holds, @Nullable Thread owner,
			@Nullable Consumer<List<EngineHold>> end) {
		this.lock = lock;
		this.log = log;
		this.holds = new TreeMap<>();
		holds.forEach((hold) -> this.holds.put(hold.objectId(), hold));
		this.owner = owner;
		this.end = end;
	}

	@Override
	public Set<String> objectIds() {
		return Collections.unmodifiableSet(this.holds.keySet());
	}

	@Override
	public long fencingToken() {
		if (this.holds.size() != 1) {
			throw new IllegalStateException(
					"This handle holds " + objectIds() + ": name the one whose fencing token you want");
		}
		return fencingToken(this.holds.firstKey());
	}

	@Override
	public long fencingToken(String objectId) {
		EngineHold hold = this.holds.get(objectId);
		if (hold == null) {
			throw new IllegalArgumentException("This handle holds " + objectIds() + ", not '" + objectId + "'");
		}
		return FencingTokens.required(objectId, hold.fencingToken());
	}

	boolean isOf(LockEngine lock) {
		return this.lock == lock;
	}

	@Nullable EngineHold find(String objectId) {
		return this.closed.get() ? null : this.holds.get(objectId);
	}

	@Override
	public boolean isHeld() {
		// The hold itself may go on, where the thread took it more than once.
		return !this.closed.get() && this.holds.values().stream().allMatch(EngineHold::isHeld);
	}

	@Override
	public Duration remaining() {
		return !isHeld() ? Duration.ZERO
				: this.holds.values()
					.stream()
					.map(EngineHold::remaining)
					.min(Comparator.naturalOrder())
					.orElse(Duration.ofNanos(Long.MAX_VALUE));
	}

	@Override
	public void onLost(Runnable action) {
		add(Occasion.LOSS, action, EngineHold::isLost);
	}

	@Override
	public void onRevocation(Runnable action) {
		add(Occasion.REVOCATION, action, EngineHold::isAskedFor);
	}

	private void add(Occasion occasion, Runnable action, Predicate<EngineHold> hasHappened) {
		AtomicBoolean done = new AtomicBoolean();
		Runnable once = () -> {
			// The hold itself may go on, and what becomes of it then is another's matter.
			if (!this.released && done.compareAndSet(false, true)) {
				action.run();
			}
		};
		for (EngineHold hold : this.released ? List.<EngineHold>of() : this.holds.values()) {
			hold.actions().add(occasion, this, once);
			if (hasHappened.test(hold)) {
				this.log.run(once, occasion.of(hold.objectId()));
			}
			if (this.released) {
				// Meanwhile: nothing will be told any more.
				hold.actions().forget(this);
			}
		}
	}

	@Override
	public void close() {
		if (this.end == null) {
			throw new IllegalStateException(
					"This handle is for looking at a hold; the hold ends where it was taken, by unlock()");
		}
		if (this.owner != null && this.owner != Thread.currentThread()) {
			throw new IllegalMonitorStateException("The holds of this handle belong to thread '" + this.owner.getName()
					+ "', so '" + Thread.currentThread().getName()
					+ "' cannot close it; acquire() gives a handle that any thread may close");
		}
		if (this.closed.compareAndSet(false, true)) {
			this.end.accept(new ArrayList<>(this.holds.values()));
			// Not where it was lost before: the actions for that may not have run yet.
			this.released = true;
			this.holds.values().forEach((hold) -> hold.actions().forget(this));
		}
	}

	@Override
	public String toString() {
		return "lock on " + objectIds() + (isHeld() ? ", held" : ", not held");
	}

}
