package com.example.directorylock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;

/**
 * Another process, and what it does.
 */
final class DirectoryProcess implements AutoCloseable {

	static final LockKey KEY = new LockKey("test", "ledger");

	private final Process process;

	private DirectoryProcess(Process process) {
		this.process = process;
	}

	static DirectoryProcess start(Path directory, String what) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), DirectoryProcess.class.getName()));
		command.addAll(List.of(directory.toString(), what));
		return new DirectoryProcess(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
	}

	/**
	 * Waits for the next line that the process says.
	 */
	String line() throws IOException {
		return this.process.inputReader().readLine();
	}

	/**
	 * Waits for the end of what the process does.
	 */
	int end(Duration patience) throws InterruptedException {
		if (!this.process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new AssertionError("The other process did not end within " + patience);
		}
		return this.process.exitValue();
	}

	/**
	 * Ends the process without a word.
	 */
	@Override
	public void close() throws InterruptedException {
		this.process.destroyForcibly().waitFor();
	}

	public static void main(String[] args) throws Exception {
		Path directory = Path.of(args[0]);
		switch (args[1]) {
			case "stay-in-turn" -> stayInTurn(directory);
			case "lock-and-release" -> lockAndRelease(directory);
			case "write-ledger" -> writeLedger(directory);
			default -> throw new IllegalArgumentException(args[1]);
		}
	}

	// Dies, or stands still, in the middle of an operation.
	private static void stayInTurn(Path directory) throws Exception {
		SharedDirectory.at(directory).inTurn(Duration.ofSeconds(30), (turn) -> {
			System.out.println("in turn");
			// Ends when the other side of it does.
			System.in.read();
			return true;
		});
	}

	private static void lockAndRelease(Path directory) throws Exception {
		try (DirectoryLockDriver driver = TestDirectory.driver(directory)) {
			for (int round = 0; true; round++) {
				LockAttempt attempt = new LockAttempt(KEY, "dying-" + round, Duration.ofMillis(200), Deadline.NEVER);
				driver.acquire(attempt);
				driver.renew(List.of(attempt.hold()), attempt.lease());
				driver.release(attempt.hold());
				if (round == 0) {
					System.out.println("begun");
				}
			}
		}
	}

	/**
	 * Reads a file and writes it back, longer, under the lock and with no other care.
	 */
	static void writeLedger(Path directory) throws Exception {
		Path ledger = directory.resolve("ledger");
		try (DirectoryLockDriver driver = TestDirectory.driver(directory)) {
			for (int round = 0; round < 200; round++) {
				LockAttempt attempt = TestDirectory.attempt(KEY, Duration.ofSeconds(60));
				Grant grant = driver.acquire(attempt);
				if (grant == null) {
					throw new AssertionError("The lock was not released in time");
				}
				List<String> tokens = new ArrayList<>(Files.readAllLines(ledger));
				tokens.add(String.valueOf(grant.token()));
				Files.write(ledger, tokens);
				if (!driver.release(attempt.hold())) {
					throw new AssertionError("The hold was lost");
				}
			}
		}
	}

}
