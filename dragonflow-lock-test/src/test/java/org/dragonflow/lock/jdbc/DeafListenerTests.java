package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of waiters on PostgreSQL whose driver is told of nothing, because of what
 * stands between: something that forgets or cuts connections.
 */
class DeafListenerTests extends ListenerCases {

	@Test
	void aWaiterWhoseListeningConnectionFellSilentIsServedSoon() throws Exception {
		LockAttempt held = attempt(Duration.ZERO);
		this.holder.acquire(held);
		try (JdbcLockDriver driver = listeningThroughProxy()) {
			CompletableFuture<@Nullable Grant> waiting = acquireLater(driver);
			silenceTheListener();
			this.holder.release(held.hold());
			assertThat(waiting.get(30, TimeUnit.SECONDS)).as("the grant of a waiter that heard of nothing").isNotNull();
			assertThat(warnings()).as("what the log says").hasSizeLessThan(2);
		}
	}

	@Test
	void anInstanceWhoseListeningConnectionFellSilentGetsItsTurnAsTheOthersDo() throws Exception {
		AtomicBoolean ended = new AtomicBoolean();
		AtomicInteger[] grants = { new AtomicInteger(), new AtomicInteger(), new AtomicInteger() };
		try (JdbcLockDriver healthy = this.database.driver(); JdbcLockDriver driver = listeningThroughProxy()) {
			List<CompletableFuture<Void>> instances = List.of(contendLater(this.holder, grants[0], ended),
					contendLater(healthy, grants[1], ended), contendLater(driver, grants[2], ended));
			awaitMore(grants[2], 5);
			silenceTheListener();
			// It may have been about to get the lock, and may get it once by the bound of
			// any wait.
			awaitMore(grants[2], 5);
			int[] before = { grants[0].get(), grants[1].get(), grants[2].get() };
			awaitMore(grants[2], 100);
			ended.set(true);
			instances.forEach(CompletableFuture::join);
			for (int i = 0; i < 2; i++) {
				assertThat(grants[i].get() - before[i]).as("grants of a healthy instance, while the other had 100")
					.isLessThan(1000);
			}
		}
	}

	@Test
	void theLogSaysOnceThatSomethingCutsTheListeningConnectionAgainAndAgain() throws Exception {
		LockAttempt held = attempt(Duration.ZERO);
		this.holder.acquire(held);
		try (JdbcLockDriver driver = this.database.driver()) {
			CompletableFuture<@Nullable Grant> waiting = acquireLater(driver);
			for (int i = 0; i < 5; i++) {
				awaitListener();
				assertThat(this.database.number("SELECT count(pg_terminate_backend(pid, 10000)) FROM " + LISTENERS))
					.isOne();
			}
			awaitListener();
			this.holder.release(held.hold());
			assertThat(waiting.get(30, TimeUnit.SECONDS)).as("the grant after five cuts").isNotNull();
			assertThat(warnings()).as("what the log says of five cuts")
				.singleElement()
				.satisfies((event) -> assertThat(event.getThrowableProxy()).as("its stack trace").isNull());
		}
	}

	/**
	 * What the server sends on the connection that listens now never arrives, nor does
	 * anybody tell that. Another connection works.
	 */
	private void silenceTheListener() {
		awaitListener();
		Awaitility.await("nothing but listening goes through the proxy")
			.until(() -> this.database.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_notify($%' "
					+ "AND pid <> pg_backend_pid() " + "AND datname = current_database()") == 0);
		this.proxy.loseReplies();
		this.proxy.heal();
	}

	private static void awaitMore(AtomicInteger count, int more) {
		int before = count.get();
		Awaitility.await(more + " more grants")
			.atMost(Duration.ofSeconds(60))
			.until(() -> count.get() >= before + more);
	}

	private static CompletableFuture<Void> contendLater(LockDriver driver, AtomicInteger grants, AtomicBoolean ended) {
		return CompletableFuture.runAsync(() -> {
			while (!ended.get()) {
				LockAttempt attempt = attempt(LEASE);
				acquire(driver, attempt);
				grants.incrementAndGet();
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
				driver.release(attempt.hold());
				// It lets the others come to their turn.
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
			}
		}, (task) -> new Thread(task, "contender").start());
	}

}
