package org.dragonflow.lock.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An application in a JVM of its own, which locks on command, and which can be paused and
 * killed. It dies with this JVM at the latest.
 */
final class WorkerJvm implements AutoCloseable {

	private static final Duration START_PATIENCE = Duration.ofSeconds(90);

	private static final Duration EXIT_PATIENCE = Duration.ofSeconds(20);

	private static final int KEPT_LINES = 200;

	private final Process process;

	private final PrintStream commands;

	private final AtomicLong numbers = new AtomicLong();

	private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();

	private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

	private final Queue<String> output = new ConcurrentLinkedQueue<>();

	private final Thread killer;

	private WorkerJvm(Process process) {
		this.process = process;
		this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
		this.killer = new Thread(process::destroyForcibly);
		// A paused process would not notice that its input has ended.
		Runtime.getRuntime().addShutdownHook(this.killer);
		Thread reader = new Thread(this::read, "worker-jvm-" + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Starts an application with the class path of this JVM.
	 */
	static WorkerJvm start(Map<String, String> properties) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		// Started often and not for long.
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), LockWorker.class.getName()));
		properties.forEach((name, value) -> command.add("--" + name + "=" + value));
		return new WorkerJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
	}

	WorkerJvm awaitReady() {
		await(this.ready, START_PATIENCE, "start");
		return this;
	}

	/**
	 * Has a thread of the worker do something, and waits for its answer.
	 * @throws WorkerException if the worker answered with an exception
	 */
	String call(String thread, String verb, String objectId, Duration patience) {
		String number = String.valueOf(this.numbers.incrementAndGet());
		CompletableFuture<String> answer = new CompletableFuture<>();
		this.answers.put(number, answer);
		this.commands.println(number + " " + thread + " " + verb + " " + LockWorker.encode(objectId));
		if (!this.process.isAlive()) {
			answer.completeExceptionally(new IOException("The worker JVM is dead"));
		}
		String[] parts = await(answer, patience, verb + " " + objectId).split(" ", -1);
		String text = LockWorker.decode(parts[1]);
		if (!parts[0].equals("ok")) {
			throw new WorkerException(parts[0], text);
		}
		return text;
	}

	/**
	 * Stops all of the JVM's threads, as a long pause does, and returns when none runs
	 * any more.
	 */
	void pause() throws Exception {
		ProcessPause.pause(this.process);
	}

	void resume() throws Exception {
		ProcessPause.resume(this.process);
	}

	/**
	 * Ends the JVM without a word, as kill -9 does.
	 */
	void kill() throws InterruptedException {
		this.process.destroyForcibly();
		if (!this.process.waitFor(EXIT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new AssertionError("The worker JVM " + this.process.pid() + " does not die");
		}
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	@Override
	public void close() throws InterruptedException {
		kill();
		Runtime.getRuntime().removeShutdownHook(this.killer);
	}

	private void read() {
		Throwable end = new IOException("The worker JVM has ended");
		try (BufferedReader lines = this.process.inputReader(StandardCharsets.UTF_8)) {
			String line;
			while ((line = lines.readLine()) != null) {
				handle(line);
			}
		}
		catch (IOException | UncheckedIOException ex) {
			end.addSuppressed(ex);
		}
		this.ready.completeExceptionally(end);
		this.answers.values().forEach((answer) -> answer.completeExceptionally(end));
	}

	private void handle(String line) {
		if (line.equals(LockWorker.READY)) {
			this.ready.complete(true);
		}
		else if (line.startsWith(LockWorker.ANSWER)) {
			String[] parts = line.substring(LockWorker.ANSWER.length()).split(" ", 2);
			CompletableFuture<String> answer = this.answers.remove(parts[0]);
			if (answer != null) {
				answer.complete(parts[1]);
			}
		}
		else {
			this.output.add(line);
			if (this.output.size() > KEPT_LINES) {
				this.output.poll();
			}
		}
	}

	private <T> T await(CompletableFuture<T> future, Duration patience, String what) {
		try {
			return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new AssertionError("The worker JVM did not answer to '" + what + "' within " + patience
					+ "; its last output was:\n" + String.join("\n", this.output), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError("Interrupted while waiting for the worker JVM to " + what, ex);
		}
	}

	/**
	 * What a worker's thread got instead of a result.
	 */
	static final class WorkerException extends RuntimeException {

		private final String type;

		WorkerException(String type, String message) {
			super(type + ": " + message);
			this.type = type;
		}

		/**
		 * The simple name of the exception's class.
		 */
		String type() {
			return this.type;
		}

	}

}
