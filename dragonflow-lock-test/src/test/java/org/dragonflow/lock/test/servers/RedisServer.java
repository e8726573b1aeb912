package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * One process of Redis, on a port of its own. It keeps nothing across a restart unless it
 * was started with options that say so. A server that is shared must be left running and
 * must not be flushed; whoever breaks one starts one.
 */
public final class RedisServer implements AutoCloseable {

	private static final List<String> PLACES = List.of("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin");

	private static @Nullable RedisServer shared;

	private final int port;

	private final ServerProcess process;

	private RedisServer(int port, ServerProcess process) {
		this.port = port;
		this.process = process;
	}

	/**
	 * The server that all tests of this JVM share.
	 * @return a running server
	 */
	public static synchronized RedisServer shared() {
		if (shared == null) {
			shared = start();
		}
		return shared;
	}

	/**
	 * Starts a server for one test.
	 * @param options further options, such as {@code --requirepass secret} as two strings
	 * @return a running server that answers
	 */
	public static RedisServer start(String... options) {
		List<String> all = new ArrayList<>(
				List.of("--save", "", "--shutdown-timeout", "0", "--enable-debug-command", "yes"));
		all.addAll(List.of(options));
		return started(Commands.freePort(), Commands.newDirectory(null), all);
	}

	/**
	 * Starts a sentinel.
	 * @param lines of its configuration, which it goes on to write itself
	 */
	static RedisServer startSentinel(String lines) {
		int port = Commands.freePort();
		Path directory = Commands.newDirectory(null);
		try {
			Path file = Files.writeString(directory.resolve("sentinel.conf"), lines);
			return started(port, directory, List.of(file.toString(), "--sentinel"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static RedisServer started(int port, Path directory, List<String> options) {
		List<String> command = new ArrayList<>(List.of(program("redis-server")));
		command.addAll(options);
		command.addAll(List.of("--port", String.valueOf(port), "--bind", "127.0.0.1", "--dir", directory.toString(),
				"--daemonize", "no"));
		RedisServer server = new RedisServer(port, new ServerProcess(directory, "KILL", command));
		server.restart();
		return server;
	}

	/**
	 * Starts a server for one test that also speaks TLS, at a port of its own.
	 * @param tlsPort where it does
	 * @return a running server, whose certificate is {@link #certificate()}
	 */
	public static RedisServer startWithTls(int tlsPort) {
		Path directory = Commands.newDirectory(null);
		TlsFiles files = TlsFiles.create(directory);
		return started(Commands.freePort(), directory,
				List.of("--save", "", "--tls-port", String.valueOf(tlsPort), "--tls-cert-file",
						files.certificate().toString(), "--tls-key-file", files.key().toString(), "--tls-ca-cert-file",
						files.certificate().toString(), "--tls-auth-clients", "no"));
	}

	/**
	 * A port for {@link #startWithTls}.
	 * @return a free one
	 */
	public static int freePort() {
		return Commands.freePort();
	}

	/**
	 * The certificate of a server that speaks TLS.
	 * @return a file in PEM
	 */
	public Path certificate() {
		return directory().resolve("server.crt");
	}

	/**
	 * Starts a replica for one test.
	 * @param master whose data it is to have
	 * @param options further options
	 * @return a running server that has caught up
	 */
	public static RedisServer startReplicaOf(RedisServer master, String... options) {
		RedisServer replica = start(options);
		replica.cli("REPLICAOF", "127.0.0.1", String.valueOf(master.port()));
		awaitAll("a replica", List.of(replica),
				(server) -> server.cli("INFO", "replication").contains("master_link_status:up"));
		return replica;
	}

	/**
	 * Whether the process is there, be it paused.
	 * @return false if it has been stopped or killed
	 */
	public boolean isRunning() {
		return this.process.isRunning();
	}

	/**
	 * Where the server listens on this host.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Runs one command on the server, by its own client.
	 * @param arguments the command, in front of which there may be options of
	 * {@code redis-cli}
	 * @return the answer as text, without the line's end
	 */
	public String cli(String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(program("redis-cli"), "-h", "127.0.0.1", "-p", String.valueOf(this.port)));
		command.addAll(List.of(arguments));
		return Commands.run(command).strip();
	}

	/**
	 * Stops the server in an orderly way; its clients' connections end. Does nothing if
	 * it does not run.
	 */
	public void stop() {
		this.process.end("TERM");
	}

	/**
	 * Starts the server anew, on its port, whether it was stopped or killed before or
	 * still runs. Returns when it answers.
	 */
	public void restart() {
		stop();
		this.process.start();
		awaitAnswer();
	}

	/**
	 * Ends the server as a crash does.
	 */
	public void kill() {
		this.process.kill();
	}

	/**
	 * Stops the server in its tracks. Connections stay, but nothing is answered.
	 */
	public void pause() {
		this.process.pause();
	}

	/**
	 * Lets a paused server go on. Does nothing if it does not run.
	 */
	public void resume() {
		this.process.resume();
	}

	/**
	 * Ends the server for good, and deletes its data.
	 */
	@Override
	public void close() {
		this.process.close();
	}

	/**
	 * The server's processes, and those that watch over it.
	 * @return all that are there now
	 */
	List<ProcessHandle> processes() {
		return this.process.processes();
	}

	/**
	 * The directory that has the server's data.
	 * @return a temporary directory
	 */
	Path directory() {
		return this.process.directory();
	}

	private void awaitAnswer() {
		ServerProcess.await("Redis at port " + this.port, this.process, this::answers);
	}

	/**
	 * Waits until all of several servers are in some state.
	 */
	static void awaitAll(String name, List<RedisServer> servers, Predicate<RedisServer> state) {
		for (RedisServer server : servers) {
			ServerProcess.await(name, server.process, () -> state.test(server));
		}
	}

	private boolean answers() {
		try {
			String answer = cli("PING").toUpperCase(Locale.ROOT);
			// One that asks for a password is there, too.
			return answer.contains("PONG") || answer.contains("NOAUTH");
		}
		catch (IllegalStateException ex) {
			// It refuses the connection until it listens.
			return false;
		}
	}

	static String program(String name) {
		return Commands.binaries("Redis", PLACES, name).resolve(name).toString();
	}

}
