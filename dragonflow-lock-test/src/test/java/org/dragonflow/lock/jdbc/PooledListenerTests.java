package org.dragonflow.lock.jdbc;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * What becomes of waiters on PostgreSQL whose driver is told of nothing, because of what
 * stands between: a pooler.
 */
class PooledListenerTests extends ListenerCases {

	@Test
	void aWaiterBehindAPoolerThatDropsTheListeningIsServedByPolling() throws Exception {
		// Each statement has an answer, but the session listens to something else.
		this.proxy.rewriteRequests((request) -> request.replace("LISTEN dragonflow_lock", "LISTEN dragonflow_lo__"));
		try (JdbcLockDriver driver = listeningThroughProxy()) {
			assertServedByPolling(driver);
			Awaitility.await("it listens no more").until(this::listeners, (count) -> count == 0);
		}
	}

}
