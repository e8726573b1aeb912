package org.dragonflow.lock.zookeeper;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.listen.StandardListenerManager;
import org.awaitility.Awaitility;
import org.dragonflow.lock.faults.ScarceThreads;
import org.dragonflow.lock.spi.LockThreads;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A driver for which the system has no more threads.
 */
class ZooKeeperThreadsTests {

	@Test
	void aDriverThatCannotStartItsThreadsLeavesNeitherAThreadNorAListener() {
		AtomicReference<Thread> sweeper = new AtomicReference<>();
		Function<String, ThreadFactory> threads = (role) -> role.equals("zookeeper-session")
				? new ScarceThreads().without(1) : (task) -> {
					sweeper.set(LockThreads.named(role).newThread(task));
					return sweeper.get();
				};
		try (CuratorFramework client = TestClients.connect(ZooKeeperServer.shared().connectString(),
				TestClients.LONG_SESSION)) {
			StandardListenerManager<?> listeners = (StandardListenerManager<?>) client.getConnectionStateListenable();
			int before = listeners.size();
			assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> new ZooKeeperLockDriver(client,
					ZooKeeperLockSettings.defaults(), Integer.MAX_VALUE, Integer.MAX_VALUE, () -> {
					}, threads));
			assertThat(listeners.size()).as("listeners at the application's client").isEqualTo(before);
			Awaitility.await("the sweeper ends").until(() -> !sweeper.get().isAlive());
		}
	}

}
