package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The Redis of a demonstration with that driver: one that runs already, or a process of
 * its own, which keeps nothing and ends with this JVM.
 */
final class DemoRedis implements AutoCloseable {

	/**
	 * Names a Redis that runs already, as {@code host:port}.
	 */
	static final String VARIABLE = "DRAGONFLOW_DEMO_REDIS";

	private static final Duration START_LIMIT = Duration.ofSeconds(20);

	// Ends the server when its own input ends, which it does however this JVM ends.
	private static final String SUPERVISOR = "\"$@\" & server=$!; cat >/dev/null; kill $server; wait $server";

	private final Process process;

	private final int port;

	private DemoRedis(Process process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * The properties that lead to a Redis that runs already.
	 * @return empty if none is named
	 */
	static List<String> named() {
		String address = System.getenv().getOrDefault(VARIABLE, "");
		int colon = address.lastIndexOf(':');
		return (colon < 0) ? List.of() : List.of("--spring.data.redis.host=" + address.substring(0, colon),
				"--spring.data.redis.port=" + address.substring(colon + 1));
	}

	/**
	 * Starts a server on a free port.
	 * @param directory where its log goes
	 * @return the server, which takes connections
	 * @throws IOException if it does not start
	 * @throws InterruptedException if interrupted
	 */
	static DemoRedis start(Path directory) throws IOException, InterruptedException {
		int port = freePort();
		Path log = directory.resolve("redis.log");
		Process process = new ProcessBuilder("sh", "-c", SUPERVISOR, "sh", "redis-server", "--port",
				String.valueOf(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		DemoRedis redis = new DemoRedis(process, port);
		long start = System.nanoTime();
		while (!redis.isListening()) {
			if (System.nanoTime() - start > START_LIMIT.toNanos()
					|| process.toHandle().children().findAny().isEmpty()) {
				redis.close();
				throw new IOException("redis-server did not start (its log is " + log
						+ "). Install it so that it is on the"
						+ " PATH, or name one that runs by the environment variable " + VARIABLE + "=host:port");
			}
			Thread.sleep(50);
		}
		return redis;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private boolean isListening() {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), 1000);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * The properties that lead to it.
	 * @return as on the command line of a Spring Boot application
	 */
	List<String> properties() {
		return List.of("--spring.data.redis.host=127.0.0.1", "--spring.data.redis.port=" + this.port);
	}

	@Override
	public void close() {
		try {
			this.process.getOutputStream().close();
			if (this.process.waitFor(10, TimeUnit.SECONDS)) {
				return;
			}
		}
		catch (IOException ex) {
			// It has ended already.
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.process.descendants().forEach(ProcessHandle::destroyForcibly);
		this.process.destroyForcibly();
	}

}
