package org.dragonflow.lock.faults;

import org.junit.jupiter.api.Test;

/**
 * Many threads of several instances contend while their store crashes and comes back, and
 * the history of it is checked.
 */
abstract class CrashCases extends LostReplyCases {

	private static final int CLIENTS = 3;

	private static final int THREADS_PER_CLIENT = 3;

	private static final int CRASHES = 3;

	private static final int GRANTS_BETWEEN_CRASHES = 100;

	CrashCases(FaultyStore store) {
		super(store);
	}

	@Test
	void holdsNeverOverlapAndTokensRiseAcrossCrashesOfTheStore() {
		Contention contention = new Contention(ID, PATIENCE);
		for (int i = 0; i < CLIENTS; i++) {
			Client client = client(SHORT_LEASE);
			for (int j = 0; j < THREADS_PER_CLIENT; j++) {
				contention.join(client.lock());
			}
		}
		try {
			for (int i = 0; i < CRASHES; i++) {
				contention.awaitMore(GRANTS_BETWEEN_CRASHES);
				this.store.kill();
				this.store.restart();
			}
			contention.awaitMore(GRANTS_BETWEEN_CRASHES);
		}
		finally {
			contention.stop();
		}
		contention.check();
	}

}
