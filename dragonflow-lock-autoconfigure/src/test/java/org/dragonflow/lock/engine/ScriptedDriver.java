package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * A working driver with something in each call that a test may choose: before the store
 * is asked, and between its answer and the engine's hearing of it.
 */
final class ScriptedDriver implements LockDriver {

	enum Call {

		ACQUIRE, ACQUIRE_FREE, RENEW, RELEASE, RELEASE_ALL, LOOK, BREAK, REVOKE

	}

	/**
	 * What happens in a call. It may throw anything, and take its time.
	 */
	interface Step {

		/**
		 * Does nothing.
		 */
		Step NONE = (call, objectIds) -> {
		};

		void take(Call call, List<String> objectIds) throws Throwable;

	}

	volatile Step before = Step.NONE;

	volatile Step after = Step.NONE;

	/** Makes what the engine is answered of what the store has answered. */
	volatile UnaryOperator<Renewal> renewal = UnaryOperator.identity();

	/** The ids of each renewal that was asked for. */
	final Queue<List<String>> renewals = new ConcurrentLinkedQueue<>();

	/** Until when the engine may rely on a hold, as it was told last. */
	final Map<String, Deadline> promised = new ConcurrentHashMap<>();

	/** By id, the hold that was asked for last. */
	final Map<String, Hold> asked = new ConcurrentHashMap<>();

	volatile Consumer<Hold> lossListener = (hold) -> {
	};

	volatile Consumer<Hold> revocationListener = (hold) -> {
	};

	private final LocalLockDriver delegate;

	ScriptedDriver(LocalLockDriver delegate) {
		this.delegate = delegate;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		this.asked.put(attempt.key().objectId(), attempt.hold());
		List<String> id = List.of(attempt.key().objectId());
		take(this.before, Call.ACQUIRE, id);
		Grant grant = this.delegate.acquire(attempt);
		if (grant != null) {
			this.promised.put(id.get(0), grant.validUntil());
		}
		take(this.after, Call.ACQUIRE, id);
		return grant;
	}

	// The compiler does not find the null-ness of type arguments in class files.
	@SuppressWarnings("NullAway")
	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		attempts.forEach((attempt) -> this.asked.put(attempt.key().objectId(), attempt.hold()));
		List<String> ids = ids(attempts.stream().map(LockAttempt::hold).toList());
		take(this.before, Call.ACQUIRE_FREE, ids);
		List<@Nullable Grant> grants = this.delegate.acquireFree(attempts);
		for (int i = 0; i < grants.size(); i++) {
			Grant grant = grants.get(i);
			if (grant != null) {
				this.promised.put(ids.get(i), grant.validUntil());
			}
		}
		take(this.after, Call.ACQUIRE_FREE, ids);
		return grants;
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		List<String> ids = ids(holds);
		this.renewals.add(ids);
		take(this.before, Call.RENEW, ids);
		Renewal answer = this.renewal.apply(this.delegate.renew(holds, lease));
		if (answer != null) {
			answer.renewed().forEach((hold, validUntil) -> this.promised.put(hold.key().objectId(), validUntil));
		}
		take(this.after, Call.RENEW, ids);
		return answer;
	}

	@Override
	public boolean release(Hold hold) {
		take(this.before, Call.RELEASE, ids(List.of(hold)));
		boolean released = this.delegate.release(hold);
		take(this.after, Call.RELEASE, ids(List.of(hold)));
		return released;
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		take(this.before, Call.RELEASE_ALL, ids(holds));
		Set<Hold> released = this.delegate.releaseAll(holds);
		take(this.after, Call.RELEASE_ALL, ids(holds));
		return released;
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		take(this.before, Call.LOOK, List.of(key.objectId()));
		return this.delegate.look(key);
	}

	@Override
	public boolean breakHold(Hold hold) {
		take(this.before, Call.BREAK, ids(List.of(hold)));
		return this.delegate.breakHold(hold);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		take(this.before, Call.REVOKE, ids(List.of(hold)));
		return this.delegate.requestRevocation(hold);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.lossListener = listener;
	}

	@Override
	public void onRevocation(Consumer<Hold> listener) {
		this.revocationListener = listener;
	}

	@Override
	public void close() {
		this.delegate.close();
	}

	/**
	 * The hold that was asked for last.
	 */
	Hold holdOf(String objectId) {
		Hold hold = this.asked.get(objectId);
		if (hold == null) {
			throw new AssertionError("'" + objectId + "' has not been asked for");
		}
		return hold;
	}

	private static List<String> ids(Collection<Hold> holds) {
		return holds.stream().map((hold) -> hold.key().objectId()).toList();
	}

	private static void take(Step step, Call call, List<String> objectIds) {
		try {
			step.take(call, objectIds);
		}
		catch (Throwable ex) {
			ScriptedDriver.<RuntimeException>throwAsIs(ex);
		}
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void throwAsIs(Throwable ex) throws T {
		throw (T) ex;
	}

}
