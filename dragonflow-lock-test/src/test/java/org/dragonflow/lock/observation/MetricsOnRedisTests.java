package org.dragonflow.lock.observation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LockObservationAutoConfiguration;
import org.dragonflow.lock.autoconfigure.RedisLockAutoConfiguration;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The metrics of two instances that contend for locks in one store are what the instances
 * did.
 */
@Timeout(60)
class MetricsOnRedisTests {

	private static final String WAIT = "dragonflow.lock.wait";

	private static final String HOLD = "dragonflow.lock.hold";

	private static final String UPDATE = "MeasuredNetworks.update";

	private static final int THREADS = 4;

	private static final int CALLS = 25;

	private static final RedisServer SERVER = RedisServer.start();

	private final ApplicationContextRunner application = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, RedisLockAutoConfiguration.class,
				DragonflowLockAutoConfiguration.class, LockObservationAutoConfiguration.class,
				ObservationAutoConfiguration.class, MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, PrometheusMetricsExportAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=redis", "spring.data.redis.port=" + SERVER.port(),
				"dragonflow.lock.redis.timeout=500ms")
		.withBean(MeasuredNetworks.class);

	private final ExecutorService threads = Executors.newFixedThreadPool(2 * THREADS);

	@AfterEach
	void endThreads() {
		this.threads.shutdownNow();
	}

	@AfterAll
	static void stop() {
		SERVER.close();
	}

	@Test
	void whatTwoInstancesHaveDoneIsWhatTheirMetricsSay() {
		withTwo((one, two) -> {
			callBoth(one, two);
			for (AssertableApplicationContext instance : List.of(one, two)) {
				List<Long> tokens = List.copyOf(instance.getBean(MeasuredNetworks.class).tokens());
				long handedOver = tokens.stream().filter((token) -> token % 1024 != 0).count();
				assertThat(tokens).as("calls").hasSize(THREADS * CALLS);
				// Told a moment later.
				await().untilAsserted(() -> {
					assertThat(count(instance, WAIT, UPDATE, "acquired")).as("waits").isEqualTo(tokens.size());
					assertThat(count(instance, HOLD, UPDATE, "handed_over")).as("hand-overs").isEqualTo(handedOver);
					assertThat(count(instance, HOLD, UPDATE, "released"))
						.as("releases, one for each grant of the store")
						.isEqualTo(tokens.size() - handedOver);
				});
				assertThat(outcomes(instance)).containsExactlyInAnyOrder("acquired", "handed_over", "released");
				await().untilAsserted(
						() -> assertThat(active(instance, WAIT) + active(instance, HOLD)).as("what goes on").isZero());
			}
			double held = total(one, HOLD) + total(two, HOLD);
			double waited = total(one, WAIT) + total(two, WAIT);
			assertThat(held).as("milliseconds under the lock, of which each call needs one")
				.isGreaterThan(2 * THREADS * CALLS);
			assertThat(waited).as("milliseconds waited, by seven of eight threads at any time").isGreaterThan(held);
		});
	}

	@Test
	void whoWaitsAndWhoHoldsIsSeenWhileItLasts() {
		withTwo((one, two) -> {
			DistributedLock lock = two.getBean(DistributedLock.class);
			List<Future<?>> waiters = new ArrayList<>();
			try (LockHandle handle = one.getBean(DistributedLock.class).acquire(LockRequest.of("net-2"))) {
				for (int i = 0; i < 3; i++) {
					waiters.add(this.threads.submit(() -> lock.run("net-2", () -> {
					})));
				}
				await().untilAsserted(() -> assertThat(active(two, WAIT)).as("waiting").isEqualTo(3));
				await().untilAsserted(() -> assertThat(active(one, HOLD)).as("holding").isEqualTo(1));
				assertThat(active(two, HOLD)).as("holding elsewhere").isZero();
				assertThat(handle.isHeld()).isTrue();
			}
			for (Future<?> waiter : waiters) {
				waiter.get();
			}
			assertThat(active(two, WAIT)).as("waiting in the end").isZero();
			assertThat(count(two, WAIT, "none", "acquired")).isEqualTo(3);
		});
	}

	@Test
	void refusalsLossesAndFailuresHaveAnOutcomeOfTheirOwn() {
		withTwo((one, two) -> {
			DistributedLock lock = one.getBean(DistributedLock.class);
			lock.lock("net-3");
			assertThat(two.getBean(DistributedLock.class).tryLock("net-3", Duration.ZERO)).isFalse();
			SERVER.cli("FLUSHALL");
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> lock.unlock("net-3"));
			assertThat(count(two, WAIT, "none", "refused")).as("refusals").isEqualTo(1);
			await().untilAsserted(() -> assertThat(count(one, HOLD, "none", "lost")).as("losses").isEqualTo(1));
			assertThat(errors(one)).as("failures so far").isZero();
			SERVER.stop();
			try {
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> lock.lock("net-3", false));
			}
			finally {
				SERVER.restart();
			}
			assertThat(count(one, WAIT, "none", "failed")).as("requests that have failed").isEqualTo(1);
			await().untilAsserted(() -> assertThat(errors(one)).as("calls that have failed").isPositive());
			assertThat(errors(two)).as("calls of the other instance that have failed").isZero();
		});
	}

	@Test
	void noMetricSaysWhichObjectOrWho() {
		withTwo((one, two) -> {
			callBoth(one, two);
			String metrics = one.getBean(PrometheusMeterRegistry.class).scrape();
			assertThat(metrics).contains("dragonflow_lock_wait_seconds_count{", "dragonflow_lock_hold_seconds_count{")
				.doesNotContain("net-1", "pool-")
				.doesNotContainPattern("\"[^\"]*" + ProcessHandle.current().pid() + "-[0-9a-f]{16}");
		});
	}

	private void withTwo(Two test) {
		ContextConsumer<AssertableApplicationContext> first = (one) -> this.application
			.run((two) -> test.run(one, two));
		this.application.run(first);
	}

	/**
	 * Lets all threads of both instances call for one network.
	 */
	private void callBoth(AssertableApplicationContext one, AssertableApplicationContext two) throws Exception {
		List<MeasuredNetworks> instances = Stream.of(one, two)
			.map((instance) -> instance.getBean(MeasuredNetworks.class))
			.toList();
		List<Future<?>> calls = new ArrayList<>();
		for (int i = 0; i < 2 * THREADS; i++) {
			MeasuredNetworks networks = instances.get(i % 2);
			calls.add(this.threads.submit(() -> {
				for (int call = 0; call < CALLS; call++) {
					networks.update("net-1");
				}
				return null;
			}));
		}
		for (Future<?> call : calls) {
			call.get();
		}
	}

	private static long count(AssertableApplicationContext instance, String name, String label, String outcome) {
		return timers(instance, name).filter((timer) -> label.equals(timer.getId().getTag("label")))
			.filter((timer) -> outcome.equals(timer.getId().getTag("outcome")))
			.mapToLong(Timer::count)
			.sum();
	}

	private static double total(AssertableApplicationContext instance, String name) {
		return timers(instance, name).mapToDouble((timer) -> timer.totalTime(TimeUnit.MILLISECONDS)).sum();
	}

	private static List<String> outcomes(AssertableApplicationContext instance) {
		return Stream.of(WAIT, HOLD)
			.flatMap((name) -> timers(instance, name))
			.map((timer) -> String.valueOf(timer.getId().getTag("outcome")))
			.toList();
	}

	private static Stream<Timer> timers(AssertableApplicationContext instance, String name) {
		return instance.getBean(MeterRegistry.class).find(name).timers().stream();
	}

	private static int active(AssertableApplicationContext instance, String name) {
		return instance.getBean(MeterRegistry.class)
			.find(name + ".active")
			.longTaskTimers()
			.stream()
			.mapToInt(LongTaskTimer::activeTasks)
			.sum();
	}

	private static double errors(AssertableApplicationContext instance) {
		return instance.getBean(MeterRegistry.class)
			.get("dragonflow.lock.store.errors")
			.tag("driver", "redis")
			.functionCounters()
			.stream()
			.mapToDouble((counter) -> counter.count())
			.sum();
	}

	private interface Two {

		void run(AssertableApplicationContext one, AssertableApplicationContext two) throws Exception;

	}

}
