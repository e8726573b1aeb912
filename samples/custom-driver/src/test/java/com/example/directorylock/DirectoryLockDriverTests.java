package com.example.directorylock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is special about a directory: what a crash leaves in it, and what people and
 * interrupts do to it.
 */
class DirectoryLockDriverTests {

	private final LockKey key = new LockKey("test", "net-1");

	private Path directory;

	private Path file;

	private LockDriver driver;

	@BeforeEach
	void open(@TempDir Path empty) throws IOException {
		this.directory = TestDirectory.create(empty);
		this.file = this.directory.resolve(this.key.name());
		this.driver = TestDirectory.driver(this.directory);
	}

	@AfterEach
	void close() {
		this.driver.close();
	}

	@Test
	void aHoldIsOneFileAndAReleaseLeavesNothing() throws Exception {
		LockAttempt attempt = take();
		assertThat(TestDirectory.names(this.directory)).as("The files while one lock is held")
			.containsExactly("mutex", this.key.name());
		this.driver.release(attempt.hold());
		assertThat(TestDirectory.names(this.directory)).as("The files when it is released").containsExactly("mutex");
	}

	@Test
	void aProcessKilledWhileItWroteALeaseBlocksNobody() throws Exception {
		Files.writeString(this.directory.resolve("new"), "half-an-own");
		LockAttempt attempt = take();
		this.driver.release(attempt.hold());
		assertThat(TestDirectory.names(this.directory)).as("The files when all is released").containsExactly("mutex");
	}

	@Test
	void aProcessKilledBetweenTheTokenAndTheLeaseBlocksNobody() throws Exception {
		long token = grant().token();
		Files.delete(this.file);
		assertThat(grant().token()).as("The token after one that was drawn in vain").isGreaterThan(token);
	}

	@Test
	void aProcessKilledBetweenTheRemovalOfAnEndedLeaseAndItsOwnBlocksNobody() throws Exception {
		long token = grant().token();
		TestDirectory.expire(this.file);
		assertThat(this.driver.look(this.key)).as("The record of an ended lease").isNull();
		assertThat(this.file).as("The file of an ended lease that was looked at").doesNotExist();
		assertThat(grant().token()).as("The token after that").isGreaterThan(token);
	}

	@Test
	void aSystemThatCrashedBeforeItWroteALeaseToItsDiskBlocksNobody() throws Exception {
		for (String remains : List.of("", "owner 17", "owner 17 17 99999999999999999", "\0\0\0\0")) {
			Files.writeString(this.file, remains);
			assertThat(this.driver.look(this.key)).as("The record in an incomplete file, '%s'", remains).isNull();
			this.driver.release(take().hold());
		}
	}

	@Test
	void leasesOfTheDeadOnKeysThatNobodyLocksAreRemoved() throws Exception {
		take();
		TestDirectory.expire(this.file);
		LockKey other = new LockKey("test", "net-2");
		try (LockDriver next = TestDirectory.driver(this.directory)) {
			next.acquire(TestDirectory.attempt(other, Duration.ZERO));
		}
		assertThat(TestDirectory.names(this.directory)).as("The files when a process has started")
			.containsExactly("mutex", other.name());
	}

	@Test
	void tokensRiseWithinOneStepOfTheClock() throws Exception {
		long last = 0;
		for (int round = 0; round < 200; round++) {
			long token = grant().token();
			assertThat(token).as("The token of round %s", round).isGreaterThan(last);
			last = token;
			Files.delete(this.file);
		}
	}

	@Test
	void tokensRiseWhenTheCounterIsLost() throws Exception {
		long token = grant().token();
		Files.delete(this.file);
		Files.write(this.directory.resolve("mutex"), new byte[0]);
		assertThat(grant().token()).as("The token when the counter is lost").isGreaterThan(token);
	}

	@Test
	void tokensRiseWhenTheClockWasSetBack() throws Exception {
		long future = TimeUnit.SECONDS.toMicros(Instant.now().plus(Duration.ofDays(1)).getEpochSecond());
		Files.write(this.directory.resolve("mutex"), ByteBuffer.allocate(Long.BYTES).putLong(future).array());
		assertThat(grant().token()).as("The token after one of a clock that went ahead").isEqualTo(future + 1);
	}

	@Test
	void anInterruptedThreadReleasesAllTheSameAndStaysInterrupted() throws Exception {
		LockAttempt attempt = take();
		Thread.currentThread().interrupt();
		boolean released = this.driver.release(attempt.hold());
		assertThat(Thread.interrupted()).as("Whether the interrupt is still there").isTrue();
		assertThat(released).as("The release by an interrupted thread").isTrue();
		take();
	}

	@Test
	void aMutexThatWasReplacedIsNotedAndItsSuccessorUsed() throws Exception {
		take();
		// As a new file beside it first, so that it surely is another file.
		Path other = Files.createFile(this.directory.resolve("other"));
		Files.move(other, this.directory.resolve("mutex"), StandardCopyOption.ATOMIC_MOVE,
				StandardCopyOption.REPLACE_EXISTING);
		assertThatExceptionOfType(LockStoreException.class).as("The first request after that")
			.isThrownBy(() -> this.driver.look(this.key))
			.withStackTraceContaining("replaced");
		assertThat(this.driver.look(this.key)).as("The record of a held lock").isNotNull();
		assertThat(this.directory.resolve("mutex")).as("The new mutex, once used").isNotEmptyFile();
	}

	@Test
	void aDirectoryWithoutMutexIsRefusedBecauseItsFileSystemMayNotBeMounted(@TempDir Path empty) throws Exception {
		try (LockDriver unmounted = TestDirectory.driver(empty)) {
			assertThatExceptionOfType(LockStoreException.class).as("A look into an empty directory")
				.isThrownBy(() -> unmounted.look(this.key))
				.withMessageContaining("is mounted")
				.satisfies((ex) -> assertThat(ex.isRefused()).as("Whether it is refused").isTrue());
		}
		assertThat(TestDirectory.names(empty)).as("The files after that").isEmpty();
	}

	@Test
	void aDirectoryThatIsNotThereIsRefused() {
		assertThatExceptionOfType(LockStoreException.class).as("A driver for a missing directory")
			.isThrownBy(() -> TestDirectory.driver(this.directory.resolve("missing")))
			.withMessageContaining("directory-lock.path");
	}

	private LockAttempt take() throws InterruptedException {
		LockAttempt attempt = TestDirectory.attempt(this.key, Duration.ZERO);
		assertThat(this.driver.acquire(attempt)).as("The grant of a free lock").isNotNull();
		return attempt;
	}

	private Grant grant() throws InterruptedException {
		Grant grant = this.driver.acquire(TestDirectory.attempt(this.key, Duration.ZERO));
		if (grant == null) {
			throw new AssertionError("Expected the lock to be free");
		}
		return grant;
	}

}
