package org.dragonflow.lock.autoconfigure;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the store has while annotated methods run. A lock that is taken in vain looks the
 * same to its caller; only the store knows.
 */
class NbLockedStoreTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=local")
		.withBean(Networks.class)
		.withBean(Ports.class);

	@Test
	void theRecordIsThereWhileTheMethodRuns() {
		this.runner.run((context) -> {
			Records records = new Records(context.getBean(LockDriver.class));
			assertThat(context.getBean(Ports.class).during("port-1", records)).as("held while the method runs")
				.containsExactly("port-1");
			assertThat(records.get()).as("held after the method has returned").isEmpty();
		});
	}

	@Test
	void aMethodThatIsCalledInsideAnotherLocksItsOwnIdToo() {
		this.runner.run((context) -> {
			Records records = new Records(context.getBean(LockDriver.class));
			assertThat(context.getBean(Networks.class).inside("net-1", "port-1", records))
				.as("held while the inner method runs")
				.containsExactly("net-1", "port-1");
			assertThat(records.get()).as("held after both methods have returned").isEmpty();
		});
	}

	@Test
	void theEndOfTheInnerMethodIsNotTheEndOfTheOutersHold() {
		this.runner.run((context) -> {
			Records records = new Records(context.getBean(LockDriver.class));
			assertThat(context.getBean(Networks.class).after("net-1", "port-1", records))
				.as("held after the inner method has returned")
				.containsExactly("net-1");
			assertThat(context.getBean(Networks.class).after("net-1", "net-1", records))
				.as("held after the inner method on the same id has returned")
				.containsExactly("net-1");
		});
	}

	static class Networks {

		private final Ports ports;

		Networks(Ports ports) {
			this.ports = ports;
		}

		@NbLocked("#networkId")
		public List<String> inside(String networkId, String portId, Records records) {
			return this.ports.during(portId, records);
		}

		@NbLocked("#networkId")
		public List<String> after(String networkId, String portId, Records records) {
			this.ports.during(portId, records);
			return records.get();
		}

	}

	static class Ports {

		@NbLocked("#portId")
		public List<String> during(String portId, Records records) {
			return records.get();
		}

	}

	/**
	 * The ids that the store has a record of.
	 */
	record Records(LockDriver driver) implements Supplier<List<String>> {

		@Override
		public List<String> get() {
			return Stream.of("net-1", "port-1")
				.filter((id) -> this.driver.look(new LockKey("dragonflow", id)) != null)
				.toList();
		}

	}

}
