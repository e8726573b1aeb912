package com.example.directorylock;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * The directory, as this JVM sees it. It has one small file for each held lock, and a
 * file {@value #MUTEX}, which whoever reads or changes the others has locked meanwhile.
 * The operating system ends that lock with the process that has it, however that ends.
 * <p>
 * All operations use {@code java.io}'s streams and no channel's read or write: an
 * interrupt would close the channel in the middle.
 */
final class SharedDirectory {

	static final String MUTEX = "mutex";

	// Names of keys all have a "~", and these have none.
	private static final String NEW = "new";

	private static final String NAMES_OF_KEYS = "*~*";

	// One object per directory and JVM, and it stays: a process's lock on a file ends
	// when
	// the process closes any of its descriptors of that file, also another driver's.
	private static final Map<Path, SharedDirectory> OF_THIS_JVM = new ConcurrentHashMap<>();

	private final Path path;

	// A lock on a file belongs to the whole process, so its threads take turns by this.
	private final ReentrantLock threads = new ReentrantLock();

	private @Nullable RandomAccessFile mutex;

	private @Nullable Object mutexKey;

	private SharedDirectory(Path path) {
		this.path = path;
	}

	static SharedDirectory at(Path path) {
		try {
			return OF_THIS_JVM.computeIfAbsent(path.toRealPath(), SharedDirectory::new);
		}
		catch (IOException ex) {
			throw LockStoreException.refused("The directory for locks, '" + path
					+ "', cannot be used; create it, or correct directory-lock.path", ex);
		}
	}

	Path file(LockKey key) {
		return this.path.resolve(key.name());
	}

	/**
	 * The files of all locks, held or not cleaned up. Needs no turn.
	 */
	DirectoryStream<Path> files() throws IOException {
		return Files.newDirectoryStream(this.path, NAMES_OF_KEYS);
	}

	/**
	 * Does something while no other thread of any process does.
	 * @param timeout how long to wait for the others
	 */
	<T extends @Nullable Object> T inTurn(Duration timeout, Operation<T> operation) {
		Deadline deadline = Deadline.in(timeout);
		// An interrupt is for those who wait for a lock. An operation, such as a release,
		// goes on, and leaves the interrupt to its caller.
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return inTurn(deadline, operation);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private <T extends @Nullable Object> T inTurn(Deadline deadline, Operation<T> operation)
			throws InterruptedException {
		if (!this.threads.tryLock(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
			throw busy();
		}
		try {
			RandomAccessFile opened = mutex();
			try (FileLock lock = lock(opened, deadline)) {
				return operation.run(new Turn(opened));
			}
		}
		catch (IOException ex) {
			closeMutex(ex);
			throw LockStoreException.unreachable("The directory for locks, '" + this.path + "', failed", ex);
		}
		finally {
			this.threads.unlock();
		}
	}

	private RandomAccessFile mutex() throws IOException {
		RandomAccessFile opened = this.mutex;
		if (opened != null) {
			return opened;
		}
		Path file = this.path.resolve(MUTEX);
		// Never made here: where the file system is not mounted there is an empty
		// directory
		// in its place, and locks in that would exclude nobody.
		if (!Files.isRegularFile(file)) {
			throw LockStoreException.refused("The directory for locks, '" + this.path + "', has no file '" + MUTEX
					+ "'; check that the file system is mounted, and create the file once, empty", null);
		}
		try {
			opened = new RandomAccessFile(file.toFile(), "rw");
		}
		catch (FileNotFoundException ex) {
			throw LockStoreException.refused("'" + file + "' cannot be opened; let this process read and write it", ex);
		}
		this.mutex = opened;
		this.mutexKey = attributes().fileKey();
		return opened;
	}

	private FileLock lock(RandomAccessFile opened, Deadline deadline) throws IOException, InterruptedException {
		while (true) {
			try {
				// Tried again and again rather than waited for, because a wait has no
				// timeout. The others need the file for well under a millisecond.
				FileLock lock = opened.getChannel().tryLock();
				if (lock != null) {
					return lock;
				}
			}
			catch (OverlappingFileLockException ex) {
				// An application of this JVM that has loaded this class once more.
			}
			if (deadline.hasPassed()) {
				throw busy();
			}
			Thread.sleep(1);
		}
	}

	private BasicFileAttributes attributes() throws IOException {
		return Files.readAttributes(this.path.resolve(MUTEX), BasicFileAttributes.class);
	}

	// After an error nothing is known of the file: it is opened anew by the next one.
	private void closeMutex(IOException reason) {
		RandomAccessFile opened = this.mutex;
		this.mutex = null;
		try {
			if (opened != null) {
				opened.close();
			}
		}
		catch (IOException ex) {
			reason.addSuppressed(ex);
		}
	}

	private LockStoreException busy() {
		return LockStoreException.unreachable("The file '" + this.path.resolve(MUTEX)
				+ "' is locked by another process for too long; it may be suspended", null);
	}

	/**
	 * What is done in a turn.
	 *
	 * @param <T> the type of its result
	 */
	interface Operation<T extends @Nullable Object> {

		T run(Turn turn) throws IOException;

	}

	/**
	 * The time in which nobody else changes the directory.
	 */
	final class Turn {

		private final RandomAccessFile mutex;

		private final long now;

		private long lastToken;

		private Turn(RandomAccessFile mutex) throws IOException {
			this.mutex = mutex;
			byte[] token = new byte[Long.BYTES];
			mutex.seek(0);
			// Nothing is in a new file: the zero stands, and the clock lifts it.
			this.lastToken = (mutex.read(token) == token.length) ? ByteBuffer.wrap(token).getLong() : 0;
			// The store's clock: a write has the file system stamp the file with its
			// time.
			writeToken();
			BasicFileAttributes attributes = attributes();
			if (!Objects.equals(attributes.fileKey(), SharedDirectory.this.mutexKey)) {
				throw new IOException("The file '" + MUTEX + "' was replaced while in use");
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
		 * A token above all others of the directory. The counter serves within a step of
		 * the clock and where the clock is set back, the clock where the counter is lost.
		 */
		long nextToken() throws IOException {
			this.lastToken = Math.max(this.lastToken + 1, this.now);
			// Before the lease that has it: a crash in between wastes a token, no more.
			writeToken();
			return this.lastToken;
		}

		@Nullable StoredLease read(LockKey key) throws IOException {
			return read(file(key));
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
			Path written = SharedDirectory.this.path.resolve(NEW);
			try (FileOutputStream out = new FileOutputStream(written.toFile())) {
				out.write(lease.toText().getBytes(StandardCharsets.US_ASCII));
			}
			// The atomic step. Killed before it, the process leaves a file that the next
			// one overwrites; killed after it, a lease that ends.
			Files.move(written, file(key), StandardCopyOption.ATOMIC_MOVE);
		}

		void delete(LockKey key) throws IOException {
			Files.deleteIfExists(file(key));
		}

		private void writeToken() throws IOException {
			this.mutex.seek(0);
			// In one write, which a crash of the process does not tear apart.
			this.mutex.write(ByteBuffer.allocate(Long.BYTES).putLong(this.lastToken).array());
		}

	}

}
