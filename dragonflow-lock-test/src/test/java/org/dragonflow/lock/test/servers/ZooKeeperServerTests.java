package org.dragonflow.lock.test.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server that the tests of the ZooKeeper driver start and break.
 */
class ZooKeeperServerTests {

	@Test
	void aServerKeepsItsNodesThroughACrashAndLeavesNothingBehind() throws Exception {
		ZooKeeperServer server = ZooKeeperServer.start();
		Path data;
		try (server) {
			data = server.process().directory();
			try (CuratorFramework client = connect(server)) {
				client.create().forPath("/kept");
				server.kill();
				assertThat(server.serves()).as("Whether a killed server serves").isFalse();
				server.restart();
				assertThat(client.getChildren().forPath("/")).as("The nodes after a crash").contains("kept");
				server.pause();
				server.resume();
				assertThat(client.checkExists().forPath("/kept")).as("A node after a pause").isNotNull();
			}
			assertThat(server.statistics()).as("What the server says about itself").containsKey("zk_packets_received");
		}
		assertThat(Files.exists(data)).as("Whether the data is still there").isFalse();
		assertThat(server.process().processes()).as("The processes that are left")
			.allSatisfy((process) -> assertThat(process.isAlive()).isFalse());
	}

	@Test
	void theSharedServerIsOne() {
		assertThat(List.of(ZooKeeperServer.shared(), ZooKeeperServer.shared())).as("The shared server, twice")
			.containsOnly(ZooKeeperServer.shared());
	}

	private static CuratorFramework connect(ZooKeeperServer server) {
		CuratorFramework client = CuratorFrameworkFactory.newClient(server.connectString(), 4000, 4000,
				new RetryOneTime(500));
		client.start();
		return client;
	}

}
