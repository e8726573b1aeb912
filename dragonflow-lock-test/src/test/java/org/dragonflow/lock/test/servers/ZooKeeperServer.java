package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.jspecify.annotations.Nullable;

/**
 * ZooKeeper, in a JVM of its own. It ticks every 200 ms, and grants session timeouts from
 * 400 ms on. A server that is shared must be left running; whoever stops one starts one.
 */
public final class ZooKeeperServer implements AutoCloseable {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private static final int ANSWER_TIMEOUT_MILLIS = 2000;

	private static @Nullable ZooKeeperServer shared;

	private final String connectString;

	private final @Nullable ServerProcess process;

	private ZooKeeperServer(String connectString, @Nullable ServerProcess process) {
		this.connectString = connectString;
		this.process = process;
	}

	/**
	 * The server that all tests of this JVM share; or the one that
	 * {@code DRAGONFLOW_TEST_ZOOKEEPER_CONNECT_STRING} names as host and port.
	 * @return a running server
	 */
	public static synchronized ZooKeeperServer shared() {
		if (shared == null) {
			String external = System.getenv("DRAGONFLOW_TEST_ZOOKEEPER_CONNECT_STRING");
			shared = (external != null && !external.isBlank()) ? new ZooKeeperServer(external, null) : start();
		}
		return shared;
	}

	/**
	 * Starts a server for one test.
	 * @return a running server
	 */
	public static ZooKeeperServer start() {
		return start(Map.of());
	}

	/**
	 * Starts a server for one test.
	 * @param settings lines of {@code zoo.cfg} that are not as usual
	 * @return a running server
	 */
	public static ZooKeeperServer start(Map<String, String> settings) {
		ZooKeeperServer server = prepare(Commands.freePort(), settings, null);
		server.process().start();
		server.awaitAnswer();
		return server;
	}

	/**
	 * Prepares a server without starting it.
	 * @param port where it is to serve clients
	 * @param settings lines of {@code zoo.cfg} that are not as usual
	 * @param id its number among several servers, null for a server of its own
	 * @return a server that does not run yet
	 */
	static ZooKeeperServer prepare(int port, Map<String, String> settings, @Nullable Integer id) {
		Path directory = Commands.newDirectory(null);
		Map<String, String> lines = new LinkedHashMap<>();
		lines.put("dataDir", directory.resolve("data").toString());
		lines.put("clientPort", String.valueOf(port));
		lines.put("clientPortAddress", "127.0.0.1");
		lines.put("tickTime", "200");
		lines.put("minSessionTimeout", "400");
		lines.put("maxSessionTimeout", "600000");
		lines.put("maxClientCnxns", "0");
		lines.put("admin.enableServer", "false");
		lines.put("4lw.commands.whitelist", "*");
		// Transactions survive the server, though not the machine.
		lines.put("forceSync", "no");
		lines.put("preAllocSize", "1024");
		lines.putAll(settings);
		try {
			Files.createDirectory(directory.resolve("data"));
			if (id != null) {
				Files.writeString(directory.resolve("data").resolve("myid"), String.valueOf(id));
			}
			Files.writeString(directory.resolve("zoo.cfg"),
					lines.entrySet()
						.stream()
						.map((line) -> line.getKey() + "=" + line.getValue())
						.collect(Collectors.joining("\n")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
						"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.jmx.log4j.disable=true", "-cp",
						System.getProperty("java.class.path"), QuorumPeerMain.class.getName(),
						directory.resolve("zoo.cfg").toString()));
		return new ZooKeeperServer("127.0.0.1:" + port, new ServerProcess(directory, "KILL", command));
	}

	/**
	 * Where the server listens.
	 * @return host and port
	 */
	public String connectString() {
		return this.connectString;
	}

	/**
	 * Where the server listens on this host.
	 * @return the port
	 */
	public int port() {
		return Integer.parseInt(this.connectString.substring(this.connectString.lastIndexOf(':') + 1));
	}

	/**
	 * What the server says about itself.
	 * @return the lines of the command {@code mntr}, such as {@code zk_packets_received}
	 */
	public Map<String, String> statistics() {
		try {
			return ask("mntr").lines()
				.map((line) -> line.split("\t", 2))
				.filter((parts) -> parts.length == 2)
				.collect(Collectors.toMap((parts) -> parts[0], (parts) -> parts[1], (first, second) -> second));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The ZooKeeper at " + this.connectString + " does not answer", ex);
		}
	}

	/**
	 * Has the server run a command of four letters.
	 * @param command such as {@code wchs}
	 * @return the answer
	 * @throws IOException if there is none
	 */
	public String ask(String command) throws IOException {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(host(), port()), ANSWER_TIMEOUT_MILLIS);
			socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
			socket.getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	/**
	 * Starts a server that does not run. Does not wait until it answers.
	 */
	void launch() {
		process().start();
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
		stop();
		process().start();
		awaitAnswer();
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
	 * Whether the server serves clients now: alone, or with a majority of its peers.
	 * @return whether it answers and says so
	 */
	boolean serves() {
		try {
			String answer = ask("srvr");
			return answer.contains("Mode: ") && !answer.contains("read-only");
		}
		catch (IOException ex) {
			return false;
		}
	}

	boolean isRunning() {
		return process().isRunning();
	}

	void awaitAnswer() {
		long start = System.nanoTime();
		while (!serves()) {
			if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
				throw new IllegalStateException("The ZooKeeper at " + this.connectString
						+ " does not answer. Its log ends in: " + process().log());
			}
			pauseBriefly();
		}
	}

	private InetAddress host() throws IOException {
		return InetAddress.getByName(this.connectString.substring(0, this.connectString.lastIndexOf(':')));
	}

	ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The ZooKeeper at " + this.connectString
					+ " is not of this test: start one to stop, pause or kill it");
		}
		return this.process;
	}

	private static void pauseBriefly() {
		try {
			Thread.sleep(20);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for ZooKeeper", ex);
		}
	}

}
