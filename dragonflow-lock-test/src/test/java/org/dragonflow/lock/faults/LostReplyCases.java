package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of a grant whose reply does not arrive.
 */
abstract class LostReplyCases extends OutageCases {

	LostReplyCases(FaultyStore store) {
		super(store);
	}

	@Test
	void aGrantWhoseReplyIsLostIsFoundByTheNextLook() throws Exception {
		try (TcpProxy proxy = new TcpProxy(this.store.port())) {
			Client client = clientThrough(proxy, LONG_LEASE);
			proxy.loseReplies();
			CompletableFuture<LockHandle> acquired = client.acquireLater(LockRequest.of(ID));
			await("the store has granted it").until(() -> this.store.records() == 1);
			assertThat(acquired).as("an attempt without a reply").isNotDone();
			heal(proxy);
			assertThat(acquired).as("the attempt after the network has healed")
				.succeedsWithin(PATIENCE)
				.satisfies(LockHandle::close);
			assertNothingIsLeft();
		}
	}

	@Test
	void aFailedAttemptWhoseReplyIsLostIsUndoneAsSoonAsTheStoreAnswers() throws Exception {
		try (TcpProxy proxy = new TcpProxy(this.store.port())) {
			Client client = clientThrough(proxy, LONG_LEASE);
			proxy.loseReplies();
			assertFailsAfterAGrant(client);
			heal(proxy);
			assertNothingIsLeft();
		}
	}

	@Test
	void aFailedAttemptWhoseReplyIsLostEndsWithItsLeaseAtTheLatest() throws Exception {
		try (TcpProxy proxy = new TcpProxy(this.store.port())) {
			Client client = clientThrough(proxy, SHORT_LEASE);
			proxy.loseReplies();
			assertFailsAfterAGrant(client);
			assertThat(client(LONG_LEASE).acquireLater(LockRequest.of(ID))).as("the lock for another")
				.succeedsWithin(PATIENCE)
				.satisfies(LockHandle::close);
			assertNothingIsLeft();
		}
	}

	private void assertFailsAfterAGrant(Client client) {
		CompletableFuture<LockHandle> acquired = client.acquireLater(LockRequest.of(ID).withWait(Duration.ZERO));
		await("the store has granted it").until(() -> this.store.records() == 1);
		assertThat(acquired).as("an attempt without a reply")
			.failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(LockStoreException.class);
	}

	private void heal(TcpProxy proxy) {
		proxy.heal();
		if (!this.store.isSilenceGivenUp()) {
			proxy.cut();
		}
	}

	private Client clientThrough(TcpProxy proxy, Duration lease) throws InterruptedException {
		Client client = client(proxy.port(), lease);
		// The connections stand before the fault begins.
		client.acquire("warm-up").close();
		return client;
	}

}
