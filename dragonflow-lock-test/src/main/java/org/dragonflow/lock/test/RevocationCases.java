package org.dragonflow.lock.test;

import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.spi.Hold;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Somebody asks for the release of what another holds. The holder is told, and decides.
 */
abstract class RevocationCases extends ManyIdsCases {

	@Test
	void aHolderIsToldThatItsHoldIsAskedFor() throws Exception {
		Hold hold = take(this.alice, this.key);
		Hold other = take(this.alice, key("-other"));
		assertThat(isAskedFor(hold)).as("Whether a hold is asked for that nobody has asked for").isFalse();
		assertThat(this.bob.requestRevocation(record(this.bob, this.key).hold())).as("Whether there was such a hold")
			.isTrue();
		await("The holder is told at its next renewal").atMost(patience()).until(() -> isAskedFor(hold));
		assertThat(isAskedFor(other)).as("Whether another hold of the same client is asked for").isFalse();
		assertRefused(this.bob, this.key);
		assertHeld(this.alice, hold);
		assertThat(this.alice.release(hold)).as("The release of what was asked for").isTrue();
		assertThat(this.alice.release(other)).as("The release of the other hold").isTrue();
		assertFreeAndUnused(this.key);
	}

	@Test
	void aRequestEndsWithTheHold() throws Exception {
		Hold stale = take(this.alice, this.key);
		this.bob.requestRevocation(stale);
		this.alice.release(stale);
		Hold next = take(this.alice, this.key);
		assertThat(isAskedFor(next)).as("Whether the next hold is asked for").isFalse();
		assertThat(this.bob.requestRevocation(stale)).as("A request for a hold that has ended").isFalse();
		assertThat(isAskedFor(next)).as("Whether its successor is asked for").isFalse();
		assertHeld(this.alice, next);
		this.alice.release(next);
		assertThat(this.bob.requestRevocation(next)).as("A request where nobody holds").isFalse();
		assertFreeAndUnused(this.key);
	}

	@Test
	void aRequestEndsWithTheLease() throws Exception {
		Hold stale = take(this.alice, this.key);
		this.bob.requestRevocation(stale);
		endLease(this.key);
		Hold next = take(this.bob, this.key);
		assertThat(this.bob.renew(Set.of(next), LONG_LEASE).revocations())
			.as("What is asked for of the hold after the lease")
			.isEmpty();
		assertThat(this.revocations).as("The holds that clients were told of").doesNotContain(next);
		assertHeld(this.bob, next);
	}

	@Test
	void anInstanceTellsItsHolderOnceThatItsHoldIsAskedFor() throws Exception {
		Instance holder = start(engineLease(), null);
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger requests = new AtomicInteger();
		handle.onRevocation(requests::incrementAndGet);
		assertThat(two().lock().requestRevocation(this.objectId)).as("Whether there was a holder to ask").isTrue();
		two().lock().requestRevocation(this.objectId);
		await("The holder is told").atMost(engineLease().plus(patience()))
			.until(() -> requests.get() > 0 && !holder.events().isEmpty());
		assertThat(holder.events()).as("The event of the request")
			.containsExactly(new LockRevocationEvent(this.objectId, handle.fencingToken()));
		assertThat(handle.isHeld()).as("Whether the holder still holds").isTrue();
		handle.close();
		assertThat(requests).as("How many times the holder was told").hasValue(1);
		assertThat(two().lock().requestRevocation(this.objectId)).as("A request where nobody holds").isFalse();
		two().lock().lock(this.objectId, false);
		two().lock().unlock(this.objectId);
	}

	private boolean isAskedFor(Hold hold) {
		return this.alice.renew(Set.of(hold), LONG_LEASE).revocations().contains(hold)
				|| this.revocations.contains(hold);
	}

}
