package com.example.directorylock;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.dragonflow.lock.LockStoreException;
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
 * Locks in a directory of a file system that several processes share. What the file
 * system must be able to do is in the module's README.
 */
public final class DirectoryLockDriver implements LockDriver {

	private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(10);

	private final SharedDirectory directory;

	private final Duration timeout;

	private final long pollNanos;

	private final CountDownLatch closed = new CountDownLatch(1);

	private final AtomicReference<Deadline> nextSweep = new AtomicReference<>(Deadline.in(Duration.ZERO));

	/**
	 * Creates a driver.
	 * @param path the directory, which has a file "mutex"
	 * @param timeout how long to wait for one's turn in the directory
	 * @param pollInterval the longest pause between two looks for a released lock
	 * @throws LockStoreException if there is no such directory
	 */
	public DirectoryLockDriver(Path path, Duration timeout, Duration pollInterval) {
		this.directory = SharedDirectory.at(path);
		this.timeout = timeout;
		this.pollNanos = Math.max(2, pollInterval.toNanos());
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		sweepNowAndThen();
		while (true) {
			// A lease is counted from before the request: the file system's own count can
			// only begin later.
			long sent = System.nanoTime();
			Answer answer = this.directory.inTurn(this.timeout, (turn) -> take(turn, attempt));
			if (answer.lease().isOf(attempt.owner())) {
				return new Grant(answer.lease().token(), Deadline.ofLease(sent, attempt.lease()));
			}
			if (attempt.waitUntil().hasPassed()) {
				return null;
			}
			awaitEnd(attempt.key(), answer.remaining().orEarlier(attempt.waitUntil()));
		}
	}

	// Looking, deciding and writing are one step, because all is done in one turn.
	private static Answer take(Turn turn, LockAttempt attempt) throws IOException {
		StoredLease holder = turn.read(attempt.key());
		if (holder == null) {
			holder = StoredLease.granted(attempt.owner(), turn.nextToken(), turn.now(), attempt.lease());
			turn.write(attempt.key(), holder);
		}
		else if (holder.isOf(attempt.owner())) {
			// The attempt is repeated: its first answer was lost. Token and age stay.
			holder = holder.renewed(turn.now(), attempt.lease());
			turn.write(attempt.key(), holder);
		}
		return new Answer(holder, Deadline.in(remaining(holder, turn)));
	}

	/**
	 * Waits until the lock may be free. Polls, because a file system tells a host nothing
	 * of what other hosts do, and ends with the holder's lease at the latest, because a
	 * dead holder's file stays.
	 */
	private void awaitEnd(LockKey key, Deadline end) throws InterruptedException {
		Path file = this.directory.file(key);
		do {
			long pause = ThreadLocalRandom.current().nextLong(this.pollNanos / 2, this.pollNanos);
			if (this.closed.await(Math.min(pause, end.remainingNanos()), TimeUnit.NANOSECONDS)) {
				throw LockStoreException.refused("Cannot acquire the lock " + key
						+ ": the driver has been closed; lock before the application shuts down", null);
			}
			// Only a hint, so it needs no turn, and waiters keep out of the holders' way.
		}
		while (!end.hasPassed() && Files.exists(file));
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		long sent = System.nanoTime();
		// One turn for all. The expiry is counted from the turn's beginning, so the last
		// hold has no longer lease than the first.
		Set<Hold> revoked = new HashSet<>();
		Set<Hold> lost = this.directory.inTurn(this.timeout, (turn) -> {
			Set<Hold> missing = new HashSet<>();
			for (Hold hold : holds) {
				StoredLease stored = turn.read(hold.key());
				if (stored != null && stored.isOf(hold.owner())) {
					turn.write(hold.key(), stored.renewed(turn.now(), lease));
					if (stored.revoked()) {
						revoked.add(hold);
					}
				}
				else {
					missing.add(hold);
				}
			}
			return missing;
		});
		return Renewal.of(holds, Deadline.ofLease(sent, lease), lost, revoked);
	}

	@Override
	public boolean release(Hold hold) {
		return this.directory.inTurn(this.timeout, (turn) -> {
			StoredLease stored = turn.read(hold.key());
			if (stored == null || !stored.isOf(hold.owner())) {
				return false;
			}
			turn.delete(hold.key());
			return true;
		});
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return this.directory.inTurn(this.timeout, (turn) -> {
			StoredLease stored = turn.read(key);
			if (stored == null) {
				return null;
			}
			Duration age = Duration.of(Math.max(0, turn.now() - stored.grantedAt()), ChronoUnit.MICROS);
			return new LockRecord(new Hold(key, stored.owner()), stored.token(), age, remaining(stored, turn));
		});
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return this.directory.inTurn(this.timeout, (turn) -> {
			StoredLease stored = turn.read(hold.key());
			if (stored == null || !stored.isOf(hold.owner())) {
				return false;
			}
			// The holder finds it when it renews.
			turn.write(hold.key(), stored.asRevoked());
			return true;
		});
	}

	@Override
	public void close() {
		this.closed.countDown();
	}

	// Leases that ended with their holder's process, on keys that nobody locks again, are
	// found by nobody else.
	private void sweepNowAndThen() {
		Deadline due = this.nextSweep.get();
		if (!due.hasPassed() || !this.nextSweep.compareAndSet(due, Deadline.in(SWEEP_INTERVAL))) {
			return;
		}
		try (DirectoryStream<Path> files = this.directory.files()) {
			for (Path file : files) {
				// Reading removes those. A turn for each, so that others get theirs too.
				this.directory.inTurn(this.timeout, (turn) -> turn.read(file));
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			throw LockStoreException.unreachable("The directory for locks cannot be listed", ex);
		}
	}

	private static Duration remaining(StoredLease lease, Turn turn) {
		return Duration.of(lease.expiresAt() - turn.now(), ChronoUnit.MICROS);
	}

	/**
	 * What an attempt found or made.
	 *
	 * @param lease the attempt's own, or that of another holder
	 * @param remaining when it ends, unless renewed
	 */
	private record Answer(StoredLease lease, Deadline remaining) {
	}

}
