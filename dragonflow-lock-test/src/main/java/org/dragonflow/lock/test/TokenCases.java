package org.dragonflow.lock.test;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Fencing tokens rise with every hold, however the one before it has ended.
 */
abstract class TokenCases extends HoldCases {

	private static final int ROUNDS = 10;

	@Test
	void tokensRiseThroughReleases() throws Exception {
		assertTokensRise((client, hold) -> client.release(hold));
	}

	@Test
	void tokensRiseThroughEndsOfLeases() throws Exception {
		assertTokensRise((client, hold) -> endLease(hold.key()));
	}

	@Test
	void tokensRiseThroughEndsOfLeasesThatAreReleasedLate() throws Exception {
		assertTokensRise((client, hold) -> {
			endLease(hold.key());
			client.release(hold);
		});
	}

	@Test
	void tokensRiseThroughBreaks() throws Exception {
		LockDriver other = newClient();
		assertTokensRise((client, hold) -> other.breakHold(hold));
	}

	@Test
	void aRenewalKeepsTheToken() throws Exception {
		LockAttempt attempt = attempt(this.key);
		long token = take(this.alice, attempt).token();
		assertHeld(this.alice, attempt.hold());
		assertThat(record(this.bob, this.key).token()).as("The token after a renewal").isEqualTo(token);
	}

	private void assertTokensRise(Ending ending) throws Exception {
		long last = 0;
		for (int round = 0; round < ROUNDS; round++) {
			LockDriver client = (round % 3 == 0) ? this.bob : this.alice;
			LockAttempt attempt = attempt(this.key);
			long token = take(client, attempt).token();
			assertThat(token).as("The token of hold %s, after %s", round, last)
				.isGreaterThan(last)
				.isLessThan(1L << 53);
			ending.end(client, attempt.hold());
			last = token;
		}
	}

	private interface Ending {

		void end(LockDriver client, Hold hold) throws Exception;

	}

}
