package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * An etcd that tests may stop and break: a server, or a member of an {@link EtcdCluster}.
 */
public final class EtcdServer implements AutoCloseable {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private static final int HTTP_TIMEOUT_MILLIS = 2000;

	private static @Nullable EtcdServer shared;

	private final URI endpoint;

	private final @Nullable ServerProcess process;

	private EtcdServer(URI endpoint, @Nullable ServerProcess process) {
		this.endpoint = endpoint;
		this.process = process;
	}

	/**
	 * The server that all tests of this JVM share; or the one that
	 * {@code DRAGONFLOW_TEST_ETCD_ENDPOINT} names.
	 * @return a running server
	 */
	public static synchronized EtcdServer shared() {
		if (shared == null) {
			String external = System.getenv("DRAGONFLOW_TEST_ETCD_ENDPOINT");
			shared = (external != null && !external.isBlank()) ? new EtcdServer(URI.create(external), null) : start();
		}
		return shared;
	}

	/**
	 * Starts a server for one test.
	 * @param options more options of the command line
	 * @return a running server
	 */
	public static EtcdServer start(String... options) {
		String peer = "http://127.0.0.1:" + Commands.freePort();
		EtcdServer server = prepare("only", peer, "only=" + peer, "http", List.of(options));
		server.process().start();
		server.awaitAnswer();
		return server;
	}

	/**
	 * Starts a server that speaks TLS.
	 * @param certificate the server's certificate, in PEM
	 * @param key its key, in PEM
	 * @return a server, which answers soon
	 */
	public static EtcdServer startWithTls(Path certificate, Path key) {
		String peer = "http://127.0.0.1:" + Commands.freePort();
		String metrics = "http://127.0.0.1:" + Commands.freePort();
		EtcdServer server = prepare("only", peer, "only=" + peer, "https", List.of("--cert-file",
				certificate.toString(), "--key-file", key.toString(), "--listen-metrics-urls", metrics));
		server.process().start();
		new EtcdServer(URI.create(metrics), server.process).awaitAnswer();
		return server;
	}

	static EtcdServer prepare(String name, String peer, String cluster, String scheme, List<String> options) {
		Path binaries = Commands.binaries("etcd", List.of("/usr/local/bin", "/opt/etcd"), "etcd");
		Path directory = Commands.newDirectory(null);
		String client = scheme + "://127.0.0.1:" + Commands.freePort();
		List<String> command = new ArrayList<>(
				List.of(binaries.resolve("etcd").toString(), "--name", name, "--data-dir",
						directory.resolve("data").toString(), "--listen-client-urls", client, "--advertise-client-urls",
						client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster",
						cluster, "--heartbeat-interval", "50", "--election-timeout", "500", "--log-level", "warn"));
		command.addAll(options);
		return new EtcdServer(URI.create(client), new ServerProcess(directory, "KILL", command));
	}

	/**
	 * Where clients connect to.
	 * @return a URI with scheme, host and port
	 */
	public URI endpoint() {
		return this.endpoint;
	}

	/**
	 * How many calls of a kind the server has handled since it was started.
	 * @param method the name, such as {@code Txn}
	 * @return the number; streams count when they have ended
	 */
	public long handled(String method) {
		return metric("grpc_server_handled_total\\{[^}]*grpc_method=\"" + method + "\"[^}]*}");
	}

	/**
	 * How many calls of a kind have been begun.
	 * @param method the name, such as {@code Watch}
	 * @return the number
	 */
	public long started(String method) {
		return metric("grpc_server_started_total\\{[^}]*grpc_method=\"" + method + "\"[^}]*}");
	}

	/**
	 * Whether this member leads its cluster.
	 * @return false also if it does not answer
	 */
	public boolean isLeader() {
		try {
			return metric("etcd_server_is_leader") == 1;
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	private long metric(String pattern) {
		long sum = 0;
		Matcher matcher = Pattern.compile("(?m)^" + pattern + " (\\S+)$").matcher(get("/metrics"));
		while (matcher.find()) {
			sum += (long) Double.parseDouble(matcher.group(1));
		}
		return sum;
	}

	/**
	 * Stops the server in an orderly way. Does nothing if it does not run.
	 */
	public void stop() {
		process().end("TERM");
	}

	/**
	 * Starts the server anew, with its data and on its port, whether it was stopped or
	 * killed before or still runs. Returns when it answers.
	 */
	public void restart() {
		process().end("KILL");
		process().start();
		awaitAnswer();
	}

	/**
	 * Starts a server that does not run, without waiting until it answers.
	 */
	void begin() {
		process().start();
	}

	/**
	 * Makes a server go on that was paused, stopped or killed.
	 */
	void heal() {
		if (process().processes().size() > 1) {
			resume();
		}
		else {
			begin();
		}
	}

	/**
	 * Ends the server as a crash does.
	 */
	public void kill() {
		process().kill();
	}

	/**
	 * Stops the server in its tracks. Connections stay, but nothing is answered.
	 */
	public void pause() {
		process().pause();
	}

	/**
	 * Lets a paused server go on. Does nothing if it does not run.
	 */
	public void resume() {
		process().resume();
	}

	/**
	 * Ends the server for good, and deletes its data.
	 */
	@Override
	public void close() {
		process().close();
	}

	/**
	 * The server's process, and the shell that watches over it.
	 * @return all that are there now
	 */
	List<ProcessHandle> processes() {
		return process().processes();
	}

	Path directory() {
		return process().directory();
	}

	/**
	 * Waits until the server answers, and its cluster has a leader.
	 */
	void awaitAnswer() {
		long start = System.nanoTime();
		while (true) {
			try {
				if (get("/health").contains("true")) {
					return;
				}
			}
			catch (IllegalStateException ex) {
				if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
					throw new IllegalStateException(String.format(Locale.ROOT,
							"%s does not answer. Its log ends in: %s", this.endpoint, process().log()), ex);
				}
			}
			try {
				Thread.sleep(20);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException("Interrupted while waiting for a server", ex);
			}
		}
	}

	private String get(String path) {
		try {
			HttpURLConnection connection = (HttpURLConnection) this.endpoint.resolve(path).toURL().openConnection();
			connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
			connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
			try (InputStream in = connection.getInputStream()) {
				return new String(in.readAllBytes(), StandardCharsets.UTF_8);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(this.endpoint + " does not answer", ex);
		}
	}

	private ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException(
					"The server at " + this.endpoint + " is not of this test: start one to stop, pause or kill it");
		}
		return this.process;
	}

}
