package org.dragonflow.lock.test;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.ContractKitTests.Mutant;
import org.dragonflow.lock.test.PartedStore.Trouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

/**
 * Tests of the tests of a driver that answers in parts: what it makes wrongly of an
 * answer that is known in part is found.
 */
class PartedMutantTests {

	private static volatile UnaryOperator<LockDriver> mutation = UnaryOperator.identity();

	static Stream<Mutant> mutants() {
		return Stream.of(
				new Mutant("unknown is lost", PartedMutants::tellingWhatIsUnknownAsLost,
						"theHoldsOfOtherPartsGoOnAndThoseOfTheFailingOneEndAtTheirDeadline",
						"aPartThatComesBackWithinTheLeaseLosesNothing"),
				new Mutant("unknown is renewed", PartedMutants::tellingWhatIsUnknownAsRenewed,
						"theHoldsOfOtherPartsGoOnAndThoseOfTheFailingOneEndAtTheirDeadline"),
				new Mutant("unknown of a release is released", PartedMutants::swallowingWhatIsUnknownOfARelease,
						"ofHoldsThatAreReleasedTogetherThoseOfOtherPartsAreReleased"),
				new Mutant("unknown of a release is lost", PartedMutants::tellingAReleaseThatIsUnknownAsNone,
						"ofHoldsThatAreReleasedTogetherThoseOfOtherPartsAreReleased"),
				new Mutant("unknown of many is refused", PartedMutants::tellingWhatIsUnknownAsRefused,
						"whereOnePartFailsNoneOfSeveralIsTaken"));
	}

	@ParameterizedTest
	@MethodSource("mutants")
	void aFaultIsFoundByEachOfItsTests(Mutant mutant) {
		mutation = mutant.mutation();
		for (String test : mutant.cases()) {
			LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
				.selectors(selectMethod(MutantTests.class, test, Trouble.class))
				.build();
			SummaryGeneratingListener listener = new SummaryGeneratingListener();
			LauncherFactory.create().execute(request, listener);
			assertThat(listener.getSummary().getFailures()).as("The failures of %s", test)
				.isNotEmpty()
				.allSatisfy((failure) -> assertThat(failure.getException()).isInstanceOf(AssertionError.class));
		}
	}

	/**
	 * The tests, run on the present mutant.
	 */
	static class MutantTests extends PartedDriverTests {

		@Override
		LockDriver mutated(LockDriver driver) {
			return mutation.apply(driver);
		}

	}

}
