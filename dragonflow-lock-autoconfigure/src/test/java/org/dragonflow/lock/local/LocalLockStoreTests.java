package org.dragonflow.lock.local;

import java.time.Duration;
import java.util.Set;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what the local store keeps; the contract kit tests what it does.
 */
class LocalLockStoreTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	private final LocalLockStore store = new LocalLockStore();

	private final LocalLockDriver driver = new LocalLockDriver(this.store);

	@Test
	void aMillionIdsLockedOnceLeaveNothing() throws InterruptedException {
		for (int i = 0; i < 1_000_000; i++) {
			this.driver.release(acquire("id-" + i));
		}
		assertThat(this.store.size()).isZero();
	}

	@Test
	void aTryThatIsRefusedLeavesNothing() throws InterruptedException {
		Hold hold = acquire("id");
		assertThat(this.driver.acquire(attempt("id", "other"))).isNull();
		this.driver.release(hold);
		assertThat(this.store.size()).isZero();
	}

	@Test
	void leasesThatEndUnreleasedDoNotAddUp() throws InterruptedException {
		for (int i = 0; i < 100_000; i++) {
			this.driver.renew(Set.of(acquire("id-" + i)), Duration.ZERO);
		}
		assertThat(this.store.size()).isLessThan(5_000);
	}

	private Hold acquire(String objectId) throws InterruptedException {
		LockAttempt attempt = attempt(objectId, "owner");
		assertThat(this.driver.acquire(attempt)).isNotNull();
		return attempt.hold();
	}

	private static LockAttempt attempt(String objectId, String owner) {
		return new LockAttempt(new LockKey("test", objectId), owner, LEASE, Deadline.in(Duration.ZERO));
	}

}
