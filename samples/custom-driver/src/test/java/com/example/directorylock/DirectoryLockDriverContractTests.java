package com.example.directorylock;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract kit on a directory.
 */
// tag::contract[]
class DirectoryLockDriverContractTests extends LockDriverContract {

	static Path directory;

	@BeforeAll
	static void createDirectory(@TempDir Path empty) throws IOException {
		directory = TestDirectory.create(empty);
	}

	@Override
	protected LockDriver newDriver() {
		return new DirectoryLockDriver(directory, Duration.ofSeconds(5), Duration.ofMillis(20));
	}

	@Override
	protected void endLease(LockKey key) throws IOException {
		TestDirectory.expire(directory.resolve(key.name()));
	}

}
// end::contract[]
