package org.dragonflow.lock.docs.example;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A shard that is away takes no holds on other shards along.
 */
class ShardedLockDriverTests {

	private static final Duration LEASE = Duration.ofSeconds(1);

	private final AtomicBoolean away = new AtomicBoolean();

	private final LocalLockDriver healthy = new LocalLockDriver();

	private final LockDriver ailing = ailing(new LocalLockDriver());

	private final ShardedLockDriver driver = new ShardedLockDriver(List.of(this.healthy, this.ailing));

	@Test
	void holdsOnTheOtherShardsAreKept() throws Exception {
		try (LockEngine lock = new LockEngine(this.driver,
				new EngineSettings("test", EngineSettings.newInstanceName(), LEASE, null, null, HandOver.DEFAULT),
				(event) -> {
				}); LockHandle kept = lock.acquire(LockRequest.of(key(this.healthy).objectId()))) {
			LockHandle lost = lock.acquire(LockRequest.of(key(this.ailing).objectId()));
			this.away.set(true);
			await().until(() -> !lost.isHeld());
			await().during(LEASE.multipliedBy(2)).until(kept::isHeld);
			this.away.set(false);
		}
	}

	@Test
	void whatIsKnownIsAnswered() throws Exception {
		Hold known = hold(key(this.healthy));
		Hold unknown = hold(key(this.ailing));
		this.away.set(true);
		Renewal renewal = this.driver.renew(Set.of(known, unknown), LEASE);
		assertThat(renewal.renewed()).containsOnlyKeys(known);
		assertThat(renewal.unknown()).containsOnlyKeys(unknown);
		assertThatExceptionOfType(PartialAnswerException.class)
			.isThrownBy(() -> this.driver.releaseAll(Set.of(known, unknown)))
			.satisfies((ex) -> assertThat(ex.released()).containsExactly(known))
			.satisfies((ex) -> assertThat(ex.unknown()).containsOnlyKeys(unknown));
		this.away.set(false);
		assertThat(this.driver.releaseAll(Set.of(known, unknown))).containsExactly(unknown);
	}

	private Hold hold(LockKey key) throws InterruptedException {
		LockAttempt attempt = new LockAttempt(key, "me/1", LEASE.multipliedBy(60), Deadline.in(Duration.ZERO));
		assertThat(this.driver.acquire(attempt)).isNotNull();
		return attempt.hold();
	}

	private LockKey key(LockDriver shard) {
		return IntStream.range(0, 1000)
			.mapToObj((i) -> new LockKey("test", "net-" + i))
			.filter((key) -> this.driver.shard(key) == shard)
			.findFirst()
			.orElseThrow();
	}

	private LockDriver ailing(LockDriver driver) {
		return (LockDriver) Proxy.newProxyInstance(LockDriver.class.getClassLoader(),
				new Class<?>[] { LockDriver.class }, (proxy, method, arguments) -> {
					if (method.getDeclaringClass() == Object.class) {
						return method.getName().equals("equals") ? proxy == arguments[0] : method.invoke(driver);
					}
					if (this.away.get()) {
						throw LockStoreException.unreachable("The shard is away", null);
					}
					try {
						return method.invoke(driver, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

}
