package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * The thread of the random test that holds for long, whose record is broken under it, and
 * which keeps its hold over a pause of the JVM.
 */
final class RandomKeeper {

	private static final Duration PATIENCE_WITH_SUCCESSORS = Duration.ofSeconds(1);

	private final DistributedLock lock;

	private final LockDriver driver;

	private final LockKey key;

	private final RandomIds ids;

	private final Random random;

	private final Collection<WatchedHold> history;

	private final Collection<String> violations;

	private final AtomicInteger staleReleases = new AtomicInteger();

	private volatile @Nullable CompletableFuture<Boolean> wanted;

	RandomKeeper(DistributedLock lock, LockDriver driver, LockKey key, RandomIds ids, Random random,
			Collection<WatchedHold> history, Collection<String> violations) {
		this.lock = lock;
		this.driver = driver;
		this.key = key;
		this.ids = ids;
		this.random = random;
		this.history = history;
		this.violations = violations;
	}

	/**
	 * Has the next hold last until it is lost, and waits until there is one that has been
	 * renewed.
	 */
	void keepNext(Duration patience) throws Exception {
		CompletableFuture<Boolean> kept = new CompletableFuture<>();
		this.wanted = kept;
		kept.get(patience.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * How many times a hold was released while a successor had the lock already.
	 */
	int staleReleases() {
		return this.staleReleases.get();
	}

	void run(BooleanSupplier goOn) throws InterruptedException {
		for (int round = 0; goOn.getAsBoolean(); round++) {
			try {
				LockHandle handle = this.lock.acquire(
						LockRequest.of(this.ids.kept()).withLease(this.ids.lease()).withWait(Duration.ofMillis(200)));
				hold(handle, round, goOn);
				// The one of the other JVM gets its turn.
				TimeUnit.MILLISECONDS.sleep(this.random.nextInt(100));
			}
			catch (LockUnavailableException | LockStoreException ex) {
				round--;
			}
		}
	}

	private void hold(LockHandle handle, int round, BooleanSupplier goOn) throws InterruptedException {
		WatchedHold hold = new WatchedHold(handle, this.ids, this.violations);
		this.history.add(hold);
		long token = handle.fencingToken();
		try {
			CompletableFuture<Boolean> kept = this.wanted;
			if (kept != null) {
				keep(hold, handle, kept, goOn);
			}
			else {
				// Each for a while, so that a stale release has a successor to hit.
				Deadline end = Deadline.in(Duration.ofMillis(100 + this.random.nextInt(100)));
				useWhile(hold, () -> !end.hasPassed(), goOn);
				switch (round % 3) {
					case 0 -> breakAndWaitForTheLoss(hold);
					case 1 -> breakAndReleaseWhatASuccessorHas(hold, token);
					default -> {
					}
				}
			}
		}
		finally {
			hold.end(handle::close);
		}
	}

	/**
	 * Holds until the hold is lost. Says so only when it has been renewed once: the
	 * deadline that a renewal gave is then relied on over the pause.
	 */
	private void keep(WatchedHold hold, LockHandle handle, CompletableFuture<Boolean> kept, BooleanSupplier goOn)
			throws InterruptedException {
		long renewed = deadlineOf(handle) + this.ids.lease().dividedBy(10).toNanos();
		useWhile(hold, () -> deadlineOf(handle) - renewed < 0, goOn);
		if (hold.use()) {
			this.wanted = null;
			kept.complete(true);
			useWhile(hold, () -> true, goOn);
		}
	}

	private static long deadlineOf(LockHandle handle) {
		return System.nanoTime() + handle.remaining().toNanos();
	}

	private void breakAndWaitForTheLoss(WatchedHold hold) throws InterruptedException {
		if (hold.breakRecord(this.driver, this.key)) {
			// No renewal that succeeds is sent after this moment.
			Deadline latest = Deadline.in(this.ids.lease());
			boolean late = false;
			boolean held = true;
			while (held && !late) {
				TimeUnit.MILLISECONDS.sleep(5);
				// Read before the hold is asked: the JVM may be paused in between.
				late = latest.hasPassed();
				held = hold.use();
			}
			if (held) {
				hold.violation("is held for longer than a lease after its record was broken");
			}
		}
	}

	/**
	 * The release that follows must be refused, and must not touch the successor.
	 */
	private void breakAndReleaseWhatASuccessorHas(WatchedHold hold, long token) throws InterruptedException {
		if (hold.breakRecord(this.driver, this.key)) {
			Deadline patience = Deadline.in(PATIENCE_WITH_SUCCESSORS);
			boolean succeeded = false;
			while (hold.use() && !succeeded && !patience.hasPassed()) {
				TimeUnit.MILLISECONDS.sleep(1);
				succeeded = hasSuccessor(token);
			}
			if (succeeded && hold.use()) {
				this.staleReleases.incrementAndGet();
			}
		}
	}

	private boolean hasSuccessor(long token) {
		return this.ids.register().highest(this.ids.indexOf(this.ids.kept())) > token
				&& this.driver.look(this.key) != null;
	}

	private void useWhile(WatchedHold hold, BooleanSupplier condition, BooleanSupplier goOn)
			throws InterruptedException {
		while (condition.getAsBoolean() && goOn.getAsBoolean() && hold.use()) {
			TimeUnit.MILLISECONDS.sleep(2);
		}
	}

}
