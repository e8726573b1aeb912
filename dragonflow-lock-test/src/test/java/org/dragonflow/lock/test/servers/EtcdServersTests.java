package org.dragonflow.lock.test.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of the etcd that other tests rely on.
 */
class EtcdServersTests {

	@Test
	void aClosedServerLeavesNothing() {
		EtcdServer server = EtcdServer.start();
		List<ProcessHandle> processes = server.processes();
		Path directory = server.directory();
		assertThat(processes).as("the shell and the server").hasSizeGreaterThanOrEqualTo(2);
		server.pause();
		server.close();
		assertThat(processes).as("processes after close").noneMatch(ProcessHandle::isAlive);
		assertThat(Files.exists(directory)).as("whether the directory is there still").isFalse();
	}

	@Test
	void aClusterHasAnotherLeaderWhenItsLeaderDiesAndHeals() {
		try (EtcdCluster cluster = EtcdCluster.start()) {
			EtcdServer leader = cluster.leader();
			leader.kill();
			assertThatIllegalStateException().as("a look at a killed member").isThrownBy(() -> leader.handled("Txn"));
			assertThat(cluster.leader()).as("the next leader").isNotSameAs(leader);
			cluster.heal();
			assertThat(cluster.followers()).as("the followers").hasSize(2);
		}
	}

}
