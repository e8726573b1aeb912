package org.dragonflow.samples.northbound.demo;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.springframework.util.FileSystemUtils;

/**
 * An etcd of the demonstration's own, from the program on the search path.
 */
final class EtcdProcess implements AutoCloseable {

	// Standard input is a pipe from this JVM: etcd ends when that does, however it ends.
	private static final String SUPERVISOR = """
			trap '' HUP INT TERM
			etcd "$@" </dev/null &
			etcd=$!
			read -r end
			kill -s KILL "$etcd"
			""";

	private static final Duration START_LIMIT = Duration.ofSeconds(30);

	private final Process process;

	private final URI endpoint;

	private final Path data;

	private EtcdProcess(Process process, URI endpoint, Path data) {
		this.process = process;
		this.endpoint = endpoint;
		this.data = data;
	}

	/**
	 * Starts etcd, and waits until it answers.
	 * @param directory where its data and its log go
	 * @return the process
	 * @throws IOException if etcd is not installed, or does not start
	 * @throws InterruptedException if interrupted
	 */
	static EtcdProcess start(Path directory) throws IOException, InterruptedException {
		requireProgram();
		Path data = Files.createTempDirectory(directory, "etcd-");
		Path log = directory.resolve("etcd.log");
		String client = "http://127.0.0.1:" + freePort();
		String peer = "http://127.0.0.1:" + freePort();
		Process process = new ProcessBuilder("sh", "-c", SUPERVISOR, "etcd", "--name", "demo", "--data-dir",
				data.toString(), "--listen-client-urls", client, "--advertise-client-urls", client,
				"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "demo=" + peer)
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		EtcdProcess etcd = new EtcdProcess(process, URI.create(client), data);
		Runtime.getRuntime().addShutdownHook(new Thread(etcd::close));
		etcd.awaitAnswer(log);
		return etcd;
	}

	URI endpoint() {
		return this.endpoint;
	}

	private static void requireProgram() throws IOException {
		for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
			if (Files.isExecutable(Path.of(directory, "etcd"))) {
				return;
			}
		}
		throw new IOException("There is no etcd on the PATH. Install it (bin/setup does), and try again.");
	}

	private void awaitAnswer(Path log) throws IOException, InterruptedException {
		long start = System.nanoTime();
		while (!isHealthy()) {
			boolean late = System.nanoTime() - start > START_LIMIT.toNanos();
			if (late || this.process.waitFor(50, TimeUnit.MILLISECONDS)) {
				close();
				throw new IOException("etcd did not start. Its log is " + log);
			}
		}
	}

	private boolean isHealthy() {
		try {
			HttpURLConnection connection = (HttpURLConnection) this.endpoint.resolve("/health")
				.toURL()
				.openConnection();
			connection.setReadTimeout(1000);
			return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	@Override
	public void close() {
		try {
			this.process.getOutputStream().close();
			this.process.waitFor(10, TimeUnit.SECONDS);
			FileSystemUtils.deleteRecursively(this.data);
		}
		catch (IOException ex) {
			// It is below the build's directory, and goes with that.
			return;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
