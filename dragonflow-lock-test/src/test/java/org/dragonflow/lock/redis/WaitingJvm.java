package org.dragonflow.lock.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;

/**
 * A process that waits for locks in a cluster, and does nothing else until it is killed.
 */
final class WaitingJvm implements AutoCloseable {

	private final Process process;

	private WaitingJvm(Process process) {
		this.process = process;
	}

	/**
	 * Starts the process.
	 * @param client which client of Redis it has
	 */
	static WaitingJvm start(ClusterClient client, List<String> nodes, List<LockKey> keys) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-cp", System.getProperty("java.class.path"), WaitingJvm.class.getName(), client.name(),
						String.join(",", nodes)));
		keys.forEach((key) -> command.add(key.objectId()));
		return new WaitingJvm(new ProcessBuilder(command).inheritIO().start());
	}

	public static void main(String[] args) throws IOException {
		LockDriver driver = ClusterClient.valueOf(args[0]).driver(List.of(args[1].split(",")));
		for (String objectId : List.of(args).subList(2, args.length)) {
			RedisTest.later(() -> driver.acquire(RedisTest.attempt(new LockKey(RedisTest.NAMESPACE, objectId),
					RedisTest.LONG_LEASE, RedisTest.LONG_LEASE)));
		}
		// Until it is killed, or whoever has started it is gone.
		while (System.in.read() >= 0) {
			Thread.onSpinWait();
		}
		Runtime.getRuntime().halt(0);
	}

	/**
	 * As kill -9 does.
	 */
	void kill() throws InterruptedException {
		this.process.destroyForcibly();
		if (!this.process.waitFor(RedisTest.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new AssertionError("The process " + this.process.pid() + " does not die");
		}
	}

	@Override
	public void close() throws InterruptedException {
		kill();
	}

}
