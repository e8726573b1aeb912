package com.example.directorylock;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
 */
final class SharedDirectory {

	static final String MUTEX = "mutex";

	// Names of keys all have a "~", and the directory's other files have none.
	private static final String NAMES_OF_KEYS = "*~*";

	// One object per directory and JVM, and it stays: a process's lock on a file ends
	// when the process closes any of its descriptors of that file, also another driver's.
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
				return operation.run(new Turn(this.path, opened, this.mutexKey));
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
		// directory in its place, and locks in that would exclude nobody.
		if (!Files.isRegularFile(file)) {
			throw LockStoreException.refused("The directory for locks, '" + this.path + "', has no file '" + MUTEX
					+ "'; check that the file system is mounted, and create the file once, empty", null);
		}
		// Before it is opened: if it is replaced in between, the first turn notices.
		this.mutexKey = Turn.attributes(this.path).fileKey();
		try {
			opened = new RandomAccessFile(file.toFile(), "rw");
		}
		catch (FileNotFoundException ex) {
			throw LockStoreException.refused("'" + file + "' cannot be opened; let this process read and write it", ex);
		}
		this.mutex = opened;
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

}
