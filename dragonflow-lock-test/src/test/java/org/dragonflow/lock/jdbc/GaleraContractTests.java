package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.MariaDbServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract kit on two servers of MariaDB with Galera, each of which has every other
 * client.
 */
@Tag("more-servers")
class GaleraContractTests extends LockDriverContract {

	private static final List<MariaDbServer> SERVERS = MariaDbServer.startGaleraPair();

	private static final TestDatabase FIRST = new TestDatabase("mariadb", SERVERS.get(0).newDatabase()).withTable();

	private static final TestDatabase SECOND = new TestDatabase("mariadb", onSecond(FIRST.database()));

	private final AtomicInteger clients = new AtomicInteger();

	@AfterAll
	static void stopServers() {
		SERVERS.forEach(MariaDbServer::close);
	}

	private static Database onSecond(Database database) {
		return database.through(SERVERS.get(1).port());
	}

	@Override
	protected LockDriver newDriver() {
		return ((this.clients.getAndIncrement() % 2 == 0) ? FIRST : SECOND).driver();
	}

	@Override
	protected void endLease(LockKey key) {
		FIRST.expire(key.name());
	}

	@Test
	void tokensRiseByTheRowFromServerToServer() throws InterruptedException {
		LockKey key = new LockKey("galera", UUID.randomUUID().toString());
		try (LockDriver first = FIRST.driver(); LockDriver second = SECOND.driver()) {
			long last = cycle(first, key);
			// As if the first one's clock were an hour ahead.
			FIRST
				.execute("UPDATE DRAGONFLOW_LOCK SET token = token + 3600000000 WHERE lock_key = '" + key.name() + "'");
			for (int i = 0; i < 50; i++) {
				long next = cycle((i % 2 == 0) ? second : first, key);
				assertThat(next).as("the next token, of the other server")
					.isGreaterThan(last + ((i == 0) ? 3600000000L : 0));
				last = next;
			}
		}
	}

	private static long cycle(LockDriver driver, LockKey key) throws InterruptedException {
		LockAttempt attempt = new LockAttempt(key, UUID.randomUUID().toString(), Duration.ofMinutes(1),
				Deadline.in(Duration.ofSeconds(30)));
		Grant grant = driver.acquire(attempt);
		assertThat(grant).as("grant").isNotNull();
		assertThat(driver.release(attempt.hold())).as("released").isTrue();
		return grant.token();
	}

}
