package org.dragonflow.lock.test.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A server's process and its directory. Both are gone when this JVM is, however it ends.
 */
final class ServerProcess implements AutoCloseable {

	// A shell between this JVM and the server. It takes orders from its standard input,
	// whose end it also sees when this JVM was killed and no shutdown hook has run.
	private static final String SUPERVISOR = """
			directory=$1 last_signal=$2
			shift 2
			server=
			signal() {
				[ -n "$server" ] || return 0
				kill -s CONT "$server"
				kill -s "$1" "$server"
				wait "$server"
				server=
			}
			while read -r order; do
				case $order in
				start)
					"$@" </dev/null >>log 2>&1 &
					server=$!
					echo "$server"
					;;
				*)
					signal "$order"
					echo ended
					;;
				esac
				trap '' HUP INT TERM
			done
			signal "$last_signal"
			cd /
			rm -rf "$directory"
			""";

	private static final int TIMEOUT_SECONDS = 60;

	private final Path directory;

	private final Process supervisor;

	private final Writer orders;

	private final BufferedReader replies;

	private final Thread atExit = new Thread(this::close, "stop-server");

	private long pid;

	/**
	 * Prepares a process without starting it.
	 * @param directory belongs to the server and is deleted with it
	 * @param lastSignal ends the server at once, together with its children
	 * @param command the server's own command, which must not put itself into the
	 * background
	 */
	ServerProcess(Path directory, String lastSignal, List<String> command) {
		this.directory = directory;
		List<String> supervised = new ArrayList<>(
				List.of("sh", "-c", SUPERVISOR, "supervisor", directory.toString(), lastSignal));
		supervised.addAll(command);
		try {
			this.supervisor = new ProcessBuilder(supervised).directory(directory.toFile())
				.redirectError(directory.resolve("supervisor.log").toFile())
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot start a shell", ex);
		}
		this.orders = this.supervisor.outputWriter();
		this.replies = this.supervisor.inputReader();
		Runtime.getRuntime().addShutdownHook(this.atExit);
	}

	void start() {
		this.pid = Long.parseLong(order("start"));
	}

	/**
	 * Waits until a server that was started answers.
	 * @param name what to call it in the message
	 * @param process whose log to show in the message
	 * @param answers asks it once
	 */
	static void await(String name, ServerProcess process, BooleanSupplier answers) {
		long start = System.nanoTime();
		while (!answers.getAsBoolean()) {
			if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS)) {
				throw new IllegalStateException(name + " does not answer. Its log ends in: " + process.log());
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

	/**
	 * Signals the server, and returns when it has ended.
	 * @param signal the signal's name, such as {@code TERM}
	 */
	void end(String signal) {
		if (this.pid != 0) {
			resume();
			order(signal);
			this.pid = 0;
		}
	}

	/**
	 * Ends the server and its children with no chance to clean up, as a crash would.
	 */
	void kill() {
		if (this.pid != 0) {
			// No new children while the present ones are killed.
			signal("STOP", List.of(this.pid));
			List<ProcessHandle> children = children();
			signal("KILL", children.stream().map(ProcessHandle::pid).toList());
			order("KILL");
			// A dead child that nobody reaps would count as alive for ever.
			CompletableFuture.allOf(children.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
				.completeOnTimeout(null, 5, TimeUnit.SECONDS)
				.join();
			this.pid = 0;
		}
	}

	boolean isRunning() {
		return this.pid != 0;
	}

	void pause() {
		if (this.pid == 0) {
			throw new IllegalStateException("The server does not run, so it cannot be paused");
		}
		signal("STOP", List.of(this.pid));
		signal("STOP", children().stream().map(ProcessHandle::pid).toList());
	}

	void resume() {
		if (this.pid != 0) {
			signal("CONT", children().stream().map(ProcessHandle::pid).toList());
			signal("CONT", List.of(this.pid));
		}
	}

	List<ProcessHandle> processes() {
		return Stream.of(this.supervisor.toHandle())
			.flatMap((handle) -> Stream.concat(Stream.of(handle), handle.descendants()))
			.toList();
	}

	Path directory() {
		return this.directory;
	}

	String log() {
		try {
			Path log = this.directory.resolve("log");
			String text = Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
			return text.substring(Math.max(0, text.length() - 4000));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Ends the server, and deletes its directory.
	 */
	@Override
	public void close() {
		try {
			// The children of a paused server could not end by themselves.
			resume();
			this.orders.close();
			if (!this.supervisor.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException("A server did not end; its log is " + log());
			}
			if (Thread.currentThread() != this.atExit) {
				Runtime.getRuntime().removeShutdownHook(this.atExit);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while a server ended", ex);
		}
	}

	private List<ProcessHandle> children() {
		return ProcessHandle.of(this.pid).map((handle) -> handle.descendants().toList()).orElse(List.of());
	}

	private String order(String order) {
		try {
			this.orders.write(order + "\n");
			this.orders.flush();
			return CompletableFuture.supplyAsync(this::readReply).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
		catch (IOException | ExecutionException | TimeoutException ex) {
			throw new IllegalStateException("A server did not follow '" + order + "'; its log is " + log(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while a server followed '" + order + "'", ex);
		}
	}

	private String readReply() {
		try {
			String reply = this.replies.readLine();
			if (reply == null) {
				throw new IllegalStateException("The shell that supervises the server is gone");
			}
			return reply;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void signal(String signal, List<Long> pids) {
		if (pids.isEmpty()) {
			return;
		}
		// The shell's own command, as small machines have no other.
		List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$@\"", "kill", signal));
		pids.forEach((pid) -> command.add(String.valueOf(pid)));
		Commands.runQuietly(command);
	}

}
