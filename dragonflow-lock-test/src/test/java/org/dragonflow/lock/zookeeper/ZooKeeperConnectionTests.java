package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.apache.curator.framework.CuratorFramework;
import org.dragonflow.lock.faults.TcpProxy;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that a server accepts and never serves, as one that is starting may do.
 */
class ZooKeeperConnectionTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private final LockKey key = new LockKey("connections", UUID.randomUUID().toString());

	@Test
	void oneThatIsNeverServedIsGivenUpLongBeforeTheSessionWouldEnd() throws Exception {
		try (TcpProxy proxy = new TcpProxy(ZooKeeperServer.shared().port())) {
			proxy.loseReplies();
			CuratorFramework client = TestClients.connect("127.0.0.1:" + proxy.port(), TestClients.LONG_SESSION,
					TIMEOUT);
			try (ZooKeeperLockDriver driver = ZooKeeperLockDriver.owning(client,
					new ZooKeeperLockSettings(ZooKeeperLockSettings.DEFAULT_ROOT, Duration.ofSeconds(20), false))) {
				proxy.awaitConnection();
				proxy.heal();
				assertTakenAndReleased(driver);
				long session = client.getZookeeperClient().getZooKeeper().getSessionId();
				proxy.loseReplies();
				proxy.cut();
				proxy.awaitConnection();
				proxy.heal();
				assertTakenAndReleased(driver);
				assertThat(client.getZookeeperClient().getZooKeeper().getSessionId())
					.as("The session after the second connection, which it has outlived")
					.isEqualTo(session);
			}
		}
	}

	private void assertTakenAndReleased(ZooKeeperLockDriver driver) throws InterruptedException {
		LockAttempt attempt = new LockAttempt(this.key, UUID.randomUUID().toString(), TestClients.LONG_SESSION,
				Deadline.in(Duration.ZERO));
		long start = System.nanoTime();
		assertThat(driver.acquire(attempt)).as("The grant").isNotNull();
		assertThat(driver.release(attempt.hold())).as("The release").isTrue();
		assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).as("The seconds that it took")
			.isLessThan(20);
	}

}
