package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * A working driver that fails when told to, in the ways of a network, and remembers what
 * it was asked.
 */
final class FaultyDriver implements LockDriver {

	enum Fault {

		/** The request never arrives. */
		REQUEST_LOST,

		/** The request is carried out, but its answer never arrives. */
		REPLY_LOST,

		/** The store says no. */
		REFUSED,

		/** The driver itself is broken. */
		BUG

	}

	final Queue<Fault> acquireFaults = new ConcurrentLinkedQueue<>();

	final Queue<Fault> releaseFaults = new ConcurrentLinkedQueue<>();

	final Queue<Fault> renewFaults = new ConcurrentLinkedQueue<>();

	final List<LockAttempt> attempts = new CopyOnWriteArrayList<>();

	final List<LockKey> looks = new CopyOnWriteArrayList<>();

	final List<Hold> releases = new CopyOnWriteArrayList<>();

	/** What was asked for in one request for several, which has the faults of one. */
	final List<List<LockAttempt>> attemptsAtMany = new CopyOnWriteArrayList<>();

	final List<Collection<Hold>> releasesOfMany = new CopyOnWriteArrayList<>();

	final List<Hold> carriedOut = new CopyOnWriteArrayList<>();

	final List<Collection<Hold>> renewals = new CopyOnWriteArrayList<>();

	/** Makes what a request for several is answered of what the store has granted. */
	volatile UnaryOperator<@Nullable List<@Nullable Grant>> answersToMany = UnaryOperator.identity();

	/** The same for a request for one. */
	volatile UnaryOperator<@Nullable Grant> answersToOne = UnaryOperator.identity();

	volatile boolean down;

	volatile boolean closeFails;

	volatile Duration answersLateBy = Duration.ZERO;

	volatile @Nullable CountDownLatch renewHangsUntil;

	volatile @Nullable CountDownLatch releaseHangsUntil;

	volatile @Nullable Consumer<Hold> lossListener;

	private final LocalLockDriver delegate;

	FaultyDriver(LocalLockDriver delegate) {
		this.delegate = delegate;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		this.attempts.add(attempt);
		Fault fault = before(this.acquireFaults);
		Grant grant = this.delegate.acquire(attempt);
		after(fault);
		answerLate();
		return this.answersToOne.apply(grant);
	}

	// The compiler does not find the null-ness of type arguments in class files.
	@SuppressWarnings("NullAway")
	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		this.attemptsAtMany.add(List.copyOf(attempts));
		Fault fault = before(this.acquireFaults);
		List<@Nullable Grant> grants = this.delegate.acquireFree(attempts);
		after(fault);
		try {
			answerLate();
		}
		catch (InterruptedException ex) {
			throw LockStoreException.unreachable("interrupted", ex);
		}
		return this.answersToMany.apply(grants);
	}

	private void answerLate() throws InterruptedException {
		if (!this.answersLateBy.isZero()) {
			Thread.sleep(this.answersLateBy.toMillis());
		}
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		this.renewals.add(new ArrayList<>(holds));
		hang(this.renewHangsUntil);
		Fault fault = before(this.renewFaults);
		Renewal renewal = this.delegate.renew(holds, lease);
		after(fault);
		return renewal;
	}

	@Override
	public boolean release(Hold hold) {
		this.releases.add(hold);
		hang(this.releaseHangsUntil);
		Fault fault = before(this.releaseFaults);
		boolean released = this.delegate.release(hold);
		this.carriedOut.add(hold);
		after(fault);
		return released;
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		this.releasesOfMany.add(List.copyOf(holds));
		hang(this.releaseHangsUntil);
		Fault fault = before(this.releaseFaults);
		Set<Hold> released = this.delegate.releaseAll(holds);
		this.carriedOut.addAll(holds);
		after(fault);
		return released;
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		this.looks.add(key);
		return this.delegate.look(key);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		before(new ConcurrentLinkedQueue<>());
		return this.delegate.requestRevocation(hold);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.lossListener = listener;
	}

	@Override
	public void close() {
		this.delegate.close();
		if (this.closeFails) {
			throw new ArithmeticException("a bug in a driver");
		}
	}

	private static void hang(@Nullable CountDownLatch until) {
		if (until != null) {
			try {
				until.await();
			}
			catch (InterruptedException ex) {
				throw LockStoreException.unreachable("interrupted", ex);
			}
		}
	}

	private @Nullable Fault before(Queue<Fault> faults) {
		Fault fault = faults.poll();
		if (this.down || fault == Fault.REQUEST_LOST) {
			throw LockStoreException.unreachable("the request was lost", null);
		}
		if (fault == Fault.REFUSED) {
			throw LockStoreException.refused("the store says no", null);
		}
		if (fault == Fault.BUG) {
			throw new ArithmeticException("a bug in a driver");
		}
		return fault;
	}

	private void after(@Nullable Fault fault) {
		if (fault == Fault.REPLY_LOST) {
			throw LockStoreException.unreachable("the reply was lost", null);
		}
	}

}
