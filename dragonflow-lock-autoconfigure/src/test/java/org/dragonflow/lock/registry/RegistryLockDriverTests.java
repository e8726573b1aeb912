package org.dragonflow.lock.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.integration.DragonflowLockRegistry;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.Renewal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.integration.support.locks.RenewableLockRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The driver on a registry whose locks have no lease, and on one that fails.
 */
@Timeout(60)
class RegistryLockDriverTests {

	private static final Duration LEASE = Duration.ofSeconds(6);

	private static final LockKey KEY = new LockKey("test", "a");

	private final FailingRegistry registry = new FailingRegistry();

	private final RegistryLockDriver driver = new RegistryLockDriver(this.registry);

	@AfterEach
	void close() {
		this.driver.close();
	}

	@Test
	void locksWithoutALeaseLastUntilTheyAreReleased() throws Exception {
		LockAttempt attempt = attempt("one");
		Grant grant = this.driver.acquire(attempt);
		assertThat(grant).isEqualTo(new Grant(Grant.NO_TOKEN, Deadline.NEVER));
		assertThat(this.driver.acquire(attempt("two"))).as("Another attempt").isNull();
		assertThat(this.driver.renew(Set.of(attempt.hold()), Duration.ofSeconds(1)).renewed().get(attempt.hold()))
			.isEqualTo(Deadline.NEVER);
		assertThat(this.driver.release(attempt.hold())).as("The release").isTrue();
		assertThat(this.driver.acquire(attempt("three"))).as("An attempt after the release").isNotNull();
	}

	@Test
	void aReleaseThatFailedIsTriedAgain() throws Exception {
		LockAttempt attempt = attempt("one");
		this.driver.acquire(attempt);
		this.registry.unlockFailures.add(new IllegalStateException("no connection"));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.driver.release(attempt.hold()))
			.withMessageContaining("failed to release the lock on 'a'")
			.withStackTraceContaining("no connection");
		assertThat(this.driver.release(attempt.hold())).as("The repeated release").isTrue();
		assertThat(this.driver.acquire(attempt("two"))).as("An attempt after the release").isNotNull();
	}

	@Test
	void theEngineHandsItsLocksFromThreadToThread() throws Exception {
		LockEngine engine = engine();
		engine.lock("a");
		CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(() -> {
			engine.lock("a");
			engine.unlock("a");
			return true;
		});
		engine.unlock("a");
		assertThat(other.get()).isTrue();
		engine.close();
	}

	@Test
	void noThreadIsLeftWhenAllHoldsAndAttemptsHaveEnded() throws Exception {
		LockAttempt holder = attempt("holder");
		this.driver.acquire(holder);
		this.driver.acquire(attempt("other"));
		assertThat(threads()).as("The threads while the lock is held").contains("dragonflow-lock-registry-holder");
		this.driver.release(holder.hold());
		Awaitility.await().untilAsserted(() -> assertThat(threads()).isEmpty());
	}

	private static List<String> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("dragonflow-lock-registry-"))
			.toList();
	}

	@Test
	void aRegistryThatCannotKeepItsLeasesIsRefused() {
		LockRegistry<DistributedLock> leased = (key) -> new DragonflowLockRegistry(engine()).obtain(key);
		assertThatIllegalArgumentException().isThrownBy(() -> new RegistryLockDriver(leased))
			.withMessageContaining("does not renew them");
	}

	@Test
	void aRenewalThatFailsOrHangsSaysNothingOfTheOthers() throws Exception {
		RegistryLockDriver leased = new RegistryLockDriver(new FailingRenewals(engine()));
		try {
			Map<String, Hold> holds = new HashMap<>();
			for (String id : List.of("a", "lost", "fails", "hangs", "b")) {
				LockAttempt attempt = new LockAttempt(new LockKey("test", id), "owner", LEASE,
						Deadline.in(Duration.ZERO));
				assertThat(leased.acquire(attempt)).as("The grant of " + id).isNotNull();
				holds.put(id, attempt.hold());
			}
			long start = System.nanoTime();
			Renewal renewal = leased.renew(holds.values(), LEASE);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).as("The time of the renewal").isLessThan(LEASE);
			assertThat(renewal.renewed()).as("What is renewed").containsOnlyKeys(holds.get("a"), holds.get("b"));
			assertThat(renewal.lost()).as("What is lost").containsExactly(holds.get("lost"));
			assertThat(renewal.unknown()).as("What is unknown")
				.containsOnlyKeys(holds.get("fails"), holds.get("hangs"));
			assertThat(renewal.unknown().get(holds.get("fails")))
				.hasMessageContaining("failed to renew the lock on 'fails'")
				.hasStackTraceContaining("no connection");
		}
		finally {
			leased.close();
		}
	}

	private LockEngine engine() {
		return new LockEngine(this.driver, new EngineSettings("test", EngineSettings.newInstanceName(),
				Duration.ofSeconds(30), null, null, HandOver.DEFAULT), (event) -> {
				});
	}

	private static LockAttempt attempt(String owner) {
		return new LockAttempt(KEY, owner, Duration.ofSeconds(30), Deadline.in(Duration.ZERO));
	}

	/**
	 * A registry whose renewals go wrong for some keys.
	 */
	private static final class FailingRenewals implements RenewableLockRegistry<DistributedLock> {

		private final DragonflowLockRegistry registry;

		FailingRenewals(LockEngine engine) {
			this.registry = new DragonflowLockRegistry(engine);
		}

		@Override
		public DistributedLock obtain(Object key) {
			return this.registry.obtain(key);
		}

		@Override
		public void renewLock(Object key) {
			renewLock(key, LEASE);
		}

		@Override
		public void renewLock(Object key, Duration lease) {
			switch (String.valueOf(key)) {
				case "test~lost" -> throw new IllegalStateException("another has it");
				case "test~fails" -> throw new UncheckedIOException(new IOException("no connection"));
				case "test~hangs" -> {
					try {
						new CountDownLatch(1).await();
					}
					catch (InterruptedException ex) {
						// The driver is closed.
					}
				}
				default -> this.registry.renewLock(key, lease);
			}
		}

	}

	/**
	 * A registry in memory that forgets a lock without having confirmed it, when told to.
	 */
	private static final class FailingRegistry implements LockRegistry<Lock> {

		private final DefaultLockRegistry locks = new DefaultLockRegistry();

		private final Queue<RuntimeException> unlockFailures = new ConcurrentLinkedQueue<>();

		@Override
		public Lock obtain(Object key) {
			Lock lock = this.locks.obtain(key);
			return (Lock) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Lock.class },
					(proxy, method, arguments) -> {
						try {
							Object result = method.invoke(lock, arguments);
							RuntimeException failure = method.getName().equals("unlock") ? this.unlockFailures.poll()
									: null;
							if (failure != null) {
								throw failure;
							}
							return result;
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

}
