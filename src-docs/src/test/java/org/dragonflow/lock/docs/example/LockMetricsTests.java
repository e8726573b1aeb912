package org.dragonflow.lock.docs.example;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LockObservationAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The examples for metrics do what the page says.
 */
class LockMetricsTests {

	@Test
	void aLabelAndAKeyOfTheApplicationAreInTheMetrics() {
		new ApplicationContextRunner().withPropertyValues("dragonflow.lock.driver=local")
			.withConfiguration(AutoConfigurations.of(DragonflowLockAutoConfiguration.class,
					LocalLockAutoConfiguration.class, LockObservationAutoConfiguration.class,
					ObservationAutoConfiguration.class, MetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.withUserConfiguration(LockMetrics.class)
			.run((context) -> {
				context.getBean(LockMetrics.class)
					.importNetwork(context.getBean(DistributedLock.class), "net-1", () -> {
					});
				MeterRegistry meters = context.getBean(MeterRegistry.class);
				// Told a moment later, by another thread.
				await().untilAsserted(() -> assertThat(
						meters.find("dragonflow.lock.hold").tags("label", "import", "handed.over", "false").timers())
					.singleElement()
					.returns(1L, Timer::count));
			});
	}

	@Test
	void whatIsNotWantedIsSwitchedOff() {
		new ApplicationContextRunner()
			.withPropertyValues("dragonflow.lock.driver=local",
					"management.observations.enable.dragonflow.lock.hold=false")
			.withConfiguration(AutoConfigurations.of(DragonflowLockAutoConfiguration.class,
					LocalLockAutoConfiguration.class, LockObservationAutoConfiguration.class,
					ObservationAutoConfiguration.class, MetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.run((context) -> {
				context.getBean(DistributedLock.class).run("net-1", () -> {
				});
				MeterRegistry meters = context.getBean(MeterRegistry.class);
				assertThat(meters.find("dragonflow.lock.hold").timers()).isEmpty();
				assertThat(meters.get("dragonflow.lock.wait").timer().count()).isEqualTo(1);
			});
	}

}
