package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

/**
 * What the fake lets a test do.
 */
class FakeLockDriverTests {

	private final FakeLockDriver store = new FakeLockDriver();

	private final List<LockEvent> events = new CopyOnWriteArrayList<>();

	private final LockEngine lock = this.store.newLock(this.events::add);

	private final LockEngine otherLock = this.store.newLock();

	@AfterEach
	void close() {
		this.lock.close();
		this.otherLock.close();
	}

	@Test
	void theHolderIsToldOfALeaseThatIsEnded() throws Exception {
		LockHandle handle = this.lock.acquire(LockRequest.of("net-1"));
		List<String> told = new CopyOnWriteArrayList<>();
		handle.onLost(() -> told.add("lost"));
		this.store.expire("net-1");
		assertThat(handle).isNotHeld();
		await().untilAsserted(() -> assertThat(told).containsExactly("lost"));
		await().untilAsserted(() -> assertThat(this.events).singleElement().isInstanceOf(LockLostEvent.class));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close);
	}

	@Test
	void aWaiterGetsTheLockOfALeaseThatIsEnded() throws Exception {
		LockHandle first = this.lock.acquire(LockRequest.of("net-1"));
		Background<LockHandle> waiter = Background.call(() -> this.otherLock.acquire(LockRequest.of("net-1")))
			.isWaiting("A waiter for a held lock");
		this.store.expire("net-1");
		try (LockHandle second = waiter.get("The waiter gets the lock", Duration.ofSeconds(20))) {
			assertThat(this.store).isHeldBy("net-1", second).isHeldByAnotherThan("net-1", first);
			assertThat(second).isFencedAfter(first);
		}
	}

	@Test
	void timeEndsTheLeasesThatAreAsLong() throws Exception {
		LockHandle brief = this.lock.acquire(LockRequest.of("brief").withLease(Duration.ofMinutes(1)));
		LockHandle lasting = this.lock.acquire(LockRequest.of("lasting").withLease(Duration.ofMinutes(10)));
		this.store.advance(Duration.ofSeconds(30));
		assertThat(brief).isHeld();
		this.store.advance(Duration.ofSeconds(30));
		assertThat(brief).isNotHeld();
		assertThat(lasting).isHeld();
		assertThat(this.store).isFree("brief").isHeldBy("lasting", lasting);
		lasting.close();
		assertThat(this.store).isFree("lasting");
	}

	@Test
	void aRenewalGivesTheWholeLeaseAgain() throws Exception {
		Duration lease = Duration.ofSeconds(3);
		LockHandle handle = this.lock.acquire(LockRequest.of("net-1").withLease(lease));
		this.store.advance(Duration.ofSeconds(1));
		// Only a renewal brings back more than the two seconds that are left.
		await().until(() -> remainingAtTheStore("net-1").compareTo(Duration.ofMillis(2100)) > 0);
		assertThat(handle).isHeld();
		handle.close();
	}

	@Test
	void whatIsHeldElsewhereIsNotAvailable() {
		this.store.holdElsewhere("net-1");
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.lock.lock("net-1", false));
		assertThatIllegalStateException().isThrownBy(() -> this.store.holdElsewhere("net-1"));
		this.store.releaseElsewhere("net-1");
		this.lock.lock("net-1", false);
		this.lock.unlock("net-1");
	}

	@Test
	void aMistakeOfTheTestIsTold() {
		assertThatIllegalStateException().isThrownBy(() -> this.store.expire("net-1"))
			.withMessageContaining("net-1")
			.withMessageContaining("dragonflow");
		this.lock.lock("net-1");
		assertThatIllegalStateException().isThrownBy(() -> this.store.releaseElsewhere("net-1"));
		this.lock.unlock("net-1");
		assertThatIllegalArgumentException().isThrownBy(() -> this.store.advance(Duration.ofSeconds(-1)));
	}

	private Duration remainingAtTheStore(String objectId) {
		LockRecord record = this.store.look(new LockKey("dragonflow", objectId));
		return (record != null) ? record.remaining() : Duration.ZERO;
	}

}
