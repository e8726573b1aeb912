package com.example.directorylock;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * The time in which nobody else changes the directory.
 * <p>
 * All of it uses {@code java.io}'s streams and no channel's read or write: an interrupt
 * would close the channel in the middle.
 */
final class Turn {

	private static final String NEW = "new";

	private final Path directory;

	private final RandomAccessFile mutex;

	private final long now;

	private long lastToken;

	/**
	 * Begins a turn.
	 * @param directory the directory
	 * @param mutex its file, locked
	 * @param mutexKey what tells that file from another of its name, null if nothing does
	 */
	Turn(Path directory, RandomAccessFile mutex, @Nullable Object mutexKey) throws IOException {
		this.directory = directory;
		this.mutex = mutex;
		byte[] token = new byte[Long.BYTES];
		mutex.seek(0);
		// Nothing is in a new file: the zero stands, and the clock lifts it.
		this.lastToken = (mutex.read(token) == token.length) ? ByteBuffer.wrap(token).getLong() : 0;
		// The store's clock: a write has the file system stamp the file with its time.
		writeToken();
		BasicFileAttributes attributes = attributes(directory);
		if (!Objects.equals(attributes.fileKey(), mutexKey)) {
			throw new IOException("The file '" + SharedDirectory.MUTEX + "' was replaced while in use");
		}
		this.now = attributes.lastModifiedTime().to(TimeUnit.MICROSECONDS);
	}

	/**
	 * The time by the file system's clock, in microseconds.
	 */
	long now() {
		return this.now;
	}

	/**
	 * A token above all others of the directory. The counter serves within a step of the
	 * clock and where the clock is set back, the clock where the counter is lost.
	 */
	long nextToken() throws IOException {
		this.lastToken = Math.max(this.lastToken + 1, this.now);
		// Before the lease that has it: a crash in between wastes a token, no more.
		writeToken();
		return this.lastToken;
	}

	@Nullable StoredLease read(LockKey key) throws IOException {
		return read(this.directory.resolve(key.name()));
	}

	/**
	 * Reads the file of a lock, and removes one whose lease is over.
	 * @return the lease; null if nobody holds the lock
	 */
	@Nullable StoredLease read(Path file) throws IOException {
		StoredLease lease;
		try (FileInputStream in = new FileInputStream(file.toFile())) {
			lease = StoredLease.parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
		}
		catch (FileNotFoundException ex) {
			// Said of files that may not be read, too. Those are not free.
			if (Files.notExists(file)) {
				return null;
			}
			throw ex;
		}
		// Incomplete only after a crash of the system with all processes on it, for a
		// crash of a process leaves a file as it was: nobody's.
		if (lease == null || lease.isOver(this.now)) {
			Files.deleteIfExists(file);
			return null;
		}
		return lease;
	}

	void write(LockKey key, StoredLease lease) throws IOException {
		Path written = this.directory.resolve(NEW);
		try (FileOutputStream out = new FileOutputStream(written.toFile())) {
			out.write(lease.toText().getBytes(StandardCharsets.US_ASCII));
		}
		// The atomic step. Killed before it, the process leaves a file that the next
		// one overwrites; killed after it, a lease that ends.
		Files.move(written, this.directory.resolve(key.name()), StandardCopyOption.ATOMIC_MOVE);
	}

	void delete(LockKey key) throws IOException {
		Files.deleteIfExists(this.directory.resolve(key.name()));
	}

	static BasicFileAttributes attributes(Path directory) throws IOException {
		return Files.readAttributes(directory.resolve(SharedDirectory.MUTEX), BasicFileAttributes.class);
	}

	private void writeToken() throws IOException {
		this.mutex.seek(0);
		// In one write, which a crash of the process does not tear apart.
		this.mutex.write(ByteBuffer.allocate(Long.BYTES).putLong(this.lastToken).array());
	}

}
