package org.dragonflow.lock.test.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
		RedisServer server = prepare(Commands.freePort(), List.of(options));
		server.restart();
		return server;
	}

	/**
	 * Prepares a server without starting it.
	 * @param port where it is to listen
	 * @param options further options, in front of which there may be a file
	 * @return a server that does not run
	 */
	static RedisServer prepare(int port, List<String> options) {
		Path directory = Commands.newDirectory(null);
		List<String> command = new ArrayList<>(List.of(program("redis-server"), "--port", String.valueOf(port)));
		command.addAll(List.of("--bind", "127.0.0.1", "--dir", directory.toString(), "--save", "", "--daemonize", "no",
				"--shutdown-timeout", "0", "--enable-debug-command", "yes"));
		command.addAll(options);
		return new RedisServer(port, new ServerProcess(directory, "KILL", command));
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
