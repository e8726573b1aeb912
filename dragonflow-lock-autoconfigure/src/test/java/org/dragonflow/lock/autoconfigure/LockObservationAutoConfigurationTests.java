package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.observation.LockMeters;
import org.dragonflow.lock.observation.LockObservations;
import org.dragonflow.lock.observation.LockWaitContext;
import org.dragonflow.lock.observation.LockWaitObservationConvention;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Metrics and traces come with Micrometer, and nothing is missed without it.
 */
class LockObservationAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DragonflowLockAutoConfiguration.class,
				LocalLockAutoConfiguration.class, LockObservationAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=local")
		.withBean(Locked.class);

	private final ApplicationContextRunner withMicrometer = this.runner
		.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class, MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class))
		.withBean(SimpleMeterRegistry.class);

	@Test
	void anAnnotatedMethodIsTimedUnderItsName() {
		this.withMicrometer.run((context) -> {
			context.getBean(Locked.class).create("net-1");
			context.getBean(Locked.class).createPort("net-1");
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			await()
				.until(() -> meters.find("dragonflow.lock.hold").timers().stream().mapToLong(Timer::count).sum() == 2);
			for (String name : new String[] { "dragonflow.lock.wait", "dragonflow.lock.hold" }) {
				assertThat(meters.get(name)
					.tag("label", "LockObservationAutoConfigurationTests.Locked.create")
					.timer()
					.count()).as(name).isEqualTo(1);
				assertThat(meters.get(name).tag("label", "port").tag("driver", "local").timer().count()).as(name)
					.isEqualTo(1);
			}
			assertThat(meters.get("dragonflow.lock.store.errors").functionCounters()).isNotEmpty();
		});
	}

	@Test
	void theCallerIsTheParentOfAnAsynchronousCallToo() {
		this.withMicrometer.withBean(Parents.class).run((context) -> {
			ObservationRegistry registry = context.getBean(ObservationRegistry.class);
			Observation caller = Observation.start("caller", registry);
			CompletableFuture<Boolean> atWork = caller.observe(() -> context.getBean(Locked.class)
				.createLater("net-1", () -> registry.getCurrentObservation() == caller));
			assertThat(atWork).succeedsWithin(Duration.ofSeconds(20))
				.as("whether it is current for the work")
				.isEqualTo(true);
			assertThat(context.getBean(Parents.class).ofWaits).containsExactly(caller);
		});
	}

	@Test
	void withoutRegistriesThereIsNothingToTell() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(LockObserver.class);
			assertThat(context.getBean(Locked.class).create("net-1")).isTrue();
		});
	}

	@Test
	void withoutMicrometerAnApplicationStarts() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(LockObserver.class);
			assertThat(context.getBean(Locked.class).create("net-1")).isTrue();
		});
	}

	@Test
	void tracesDoNotNeedMetrics() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.withBean(ObservationRegistry.class, ObservationRegistry::create)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LockObservations.class)
				.doesNotHaveBean(LockMeters.class));
	}

	@Test
	void aConventionOfTheApplicationReplacesTheDefault() {
		this.withMicrometer.withBean(LockWaitObservationConvention.class, () -> new LockWaitObservationConvention() {

			@Override
			public String getName() {
				return "my.wait";
			}

			@Override
			public String getContextualName(LockWaitContext context) {
				return "my wait";
			}

		}).run((context) -> {
			context.getBean(DistributedLock.class).run("net-1", () -> {
			});
			assertThat(context.getBean(MeterRegistry.class).get("my.wait").timer().count()).isEqualTo(1);
		});
	}

	static final class Parents implements ObservationHandler<LockWaitContext> {

		private final List<@Nullable ObservationView> ofWaits = new CopyOnWriteArrayList<>();

		@Override
		public void onStart(LockWaitContext context) {
			this.ofWaits.add(context.getParentObservation());
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof LockWaitContext;
		}

	}

	public static class Locked {

		@NbLocked("#id")
		public boolean create(String id) {
			return true;
		}

		@NbLocked("#id")
		public CompletableFuture<Boolean> createLater(String id, BooleanSupplier work) {
			return CompletableFuture.completedFuture(work.getAsBoolean());
		}

		@NbLocked(value = "#id", scope = "port")
		public void createPort(String id) {
		}

	}

}
