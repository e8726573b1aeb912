package com.example.directorylock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What only other processes show: that single operations exclude each other, and end with
 * their process.
 */
class DirectoryProcessesTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private Path directory;

	@BeforeEach
	void create(@TempDir Path empty) throws IOException {
		this.directory = TestDirectory.create(empty);
	}

	@Test
	void aProcessKilledInTheMiddleOfAnOperationBlocksNobody() throws Exception {
		try (DirectoryProcess other = DirectoryProcess.start(this.directory, "stay-in-turn");
				LockDriver impatient = new DirectoryLockDriver(this.directory, Duration.ofMillis(100),
						Duration.ofMillis(10));
				LockDriver patient = TestDirectory.driver(this.directory)) {
			assertThat(other.line()).as("What the other process says").isEqualTo("in turn");
			assertThatExceptionOfType(LockStoreException.class).as("A request while another stands still in its own")
				.isThrownBy(() -> impatient.look(DirectoryProcess.KEY))
				.withMessageContaining("another process")
				.satisfies((ex) -> assertThat(ex.isRefused()).as("Whether it is refused for good").isFalse());
			other.close();
			assertThat(patient.acquire(TestDirectory.attempt(DirectoryProcess.KEY, Duration.ZERO)))
				.as("The grant when the other process is dead")
				.isNotNull();
		}
	}

	@Test
	void aProcessKilledAtAnyMomentBlocksNobodyForLongerThanItsLease() throws Exception {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		long last = 0;
		for (int round = 0; round < 5; round++) {
			try (DirectoryProcess other = DirectoryProcess.start(this.directory, "lock-and-release");
					LockDriver driver = TestDirectory.driver(this.directory)) {
				assertThat(other.line()).as("What the other process says").isEqualTo("begun");
				TimeUnit.MICROSECONDS.sleep(random.nextInt(50_000));
				other.close();
				LockAttempt attempt = TestDirectory.attempt(DirectoryProcess.KEY, PATIENCE);
				Grant grant = driver.acquire(attempt);
				assertThat(grant).as("The grant after death %s; the seed was %s", round, seed).isNotNull();
				assertThat(grant.token()).as("Its token; the seed was %s", seed).isGreaterThan(last);
				last = grant.token();
				assertThat(driver.release(attempt.hold())).as("Its release; the seed was %s", seed).isTrue();
			}
		}
		assertThat(TestDirectory.names(this.directory)).as("The files after all; the seed was %s", seed)
			.containsOnly("mutex");
	}

	@Test
	void threadsAndProcessesWriteOneFileInTurnsAndTokensRise() throws Exception {
		Path ledger = Files.createFile(this.directory.resolve("ledger"));
		try (DirectoryProcess one = DirectoryProcess.start(this.directory, "write-ledger");
				DirectoryProcess two = DirectoryProcess.start(this.directory, "write-ledger")) {
			CompletableFuture<?> three = CompletableFuture.runAsync(this::writeLedger,
					(task) -> new Thread(task).start());
			CompletableFuture<?> four = CompletableFuture.runAsync(this::writeLedger,
					(task) -> new Thread(task).start());
			assertThat(one.end(PATIENCE)).as("The first process's status").isZero();
			assertThat(two.end(PATIENCE)).as("The second process's status").isZero();
			CompletableFuture.allOf(three, four).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}
		List<Long> tokens = Files.readAllLines(ledger).stream().map(Long::valueOf).toList();
		assertThat(tokens).as("The tokens of all holds, as they were written down")
			.hasSize(800)
			.isSorted()
			.doesNotHaveDuplicates();
		Files.delete(ledger);
		assertThat(TestDirectory.names(this.directory)).as("The files when all is released").containsExactly("mutex");
	}

	private void writeLedger() {
		try {
			DirectoryProcess.writeLedger(this.directory);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
