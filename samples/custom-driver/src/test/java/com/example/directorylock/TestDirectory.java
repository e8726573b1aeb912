package com.example.directorylock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;

/**
 * What an operator does with a directory, and an engine with a driver.
 */
final class TestDirectory {

	private TestDirectory() {
	}

	/**
	 * Makes an empty directory one for locks.
	 */
	static Path create(Path empty) throws IOException {
		Files.createFile(empty.resolve(SharedDirectory.MUTEX));
		return empty;
	}

	/**
	 * Sets the end of a lease into the past.
	 */
	static void expire(Path file) throws IOException {
		String[] fields = Files.readString(file).trim().split(" ");
		fields[3] = "1";
		Path edited = Files.createTempFile(file.getParent(), "edited", "");
		Files.writeString(edited, String.join(" ", fields) + "\n");
		Files.move(edited, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	static List<String> names(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList();
		}
	}

	static DirectoryLockDriver driver(Path directory) {
		return new DirectoryLockDriver(directory, Duration.ofSeconds(30), Duration.ofMillis(10));
	}

	static LockAttempt attempt(LockKey key, Duration wait) {
		return new LockAttempt(key, UUID.randomUUID().toString(), Duration.ofMinutes(2), Deadline.in(wait));
	}

}
