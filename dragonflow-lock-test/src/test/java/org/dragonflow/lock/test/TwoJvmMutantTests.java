package org.dragonflow.lock.test;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.H2Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

/**
 * Tests of the random case for two JVMs: it finds each of the faults that it is there
 * for.
 */
class TwoJvmMutantTests {

	private static volatile TwoJvmMutant mutant = TwoJvmMutant.NONE;

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void aFaultOfTheDriverIsFoundByRandomLocking(TwoJvmMutant faulty) {
		TestExecutionSummary summary = run(faulty);
		assertThat(summary.getFailures()).as("The failures of a driver whose fault is %s", faulty)
			.hasSize(1)
			.allSatisfy((failure) -> assertThat(failure.getException()).isInstanceOf(AssertionError.class)
				.hasMessageContaining(RandomTwoJvmCases.SEED_PROPERTY)
				// A wait in vain, or too little to be seen, is no fault found.
				.hasMessageNotContaining("Condition with alias")
				.hasMessageNotContaining("did not answer")
				.hasMessageNotContaining("How many holds"));
	}

	@Test
	void aDriverWithoutAFaultPasses() {
		TestExecutionSummary summary = run(TwoJvmMutant.NONE);
		assertThat(summary.getFailures()).as("The failures of a faithful driver").isEmpty();
		assertThat(summary.getTestsSucceededCount()).as("How many cases it passed").isOne();
	}

	private static TestExecutionSummary run(TwoJvmMutant faulty) {
		mutant = faulty;
		LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
			.selectors(selectMethod(MutantContract.class, "holdsOfTwoJvmsNeverOverlapWhateverTheyDo", Path.class))
			.build();
		SummaryGeneratingListener listener = new SummaryGeneratingListener();
		LauncherFactory.create().execute(request, listener);
		return listener.getSummary();
	}

	/**
	 * The contract, run on the present mutant of the jdbc driver.
	 */
	static class MutantContract extends DatabaseTwoJvmContract {

		// One for all: H2 keeps in memory what it caches of each.
		private static final Database DATABASE = H2Server.shared().newDatabase();

		MutantContract() {
			super(DATABASE);
		}

		@Override
		protected Map<String, String> properties() {
			Map<String, String> properties = new HashMap<>(super.properties());
			properties.put("spring.main.sources", TwoJvmMutant.Application.class.getName());
			properties.put(TwoJvmMutant.PROPERTY, mutant.name());
			return properties;
		}

	}

}
