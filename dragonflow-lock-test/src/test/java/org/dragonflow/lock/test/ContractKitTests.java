package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.awaitility.core.ConditionTimeoutException;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

/**
 * Tests of the contract kit itself: a driver with a fault fails the case that is there
 * for the fault.
 */
class ContractKitTests {

	private static volatile UnaryOperator<LockDriver> mutation = UnaryOperator.identity();

	static Stream<Mutant> mutants() {
		return Stream.of(
				new Mutant("release without compare", Mutants::releasingWithoutComparing,
						"aReleaseByAnotherOwnerReturnsFalseAndChangesNothing", "aStaleReleaseLeavesTheSuccessorAlone"),
				new Mutant("break without compare", Mutants::breakingWithoutComparing,
						"aStaleBreakLeavesTheSuccessorAlone"),
				new Mutant("renew ignores the result", Mutants::renewingBlindly, "aStaleRenewalLeavesTheSuccessorAlone",
						"aRenewalOfManyHoldsNamesExactlyTheLostOnes", "aHoldThatIsBrokenIsFoundLostByItsHolder"),
				new Mutant("renew brings back what has ended", Mutants::renewingWhatHasEnded,
						"aRenewalAfterTheReleaseDoesNotBringTheHoldBack",
						"aRenewalAfterTheLeaseDoesNotBringTheHoldBack"),
				new Mutant("tokens of each client's own", Mutants::countingTokensByItself, "tokensRiseThroughReleases",
						"tokensRiseThroughEndsOfLeases", "underLoadHoldsNeverOverlapAndTokensRise"),
				new Mutant("deadline counted from the response", Mutants::relyingOnTheWholeLease,
						"theStoreKeepsTheRecordForAsLongAsTheHolderReliesOnIt"),
				new Mutant("acquire is not idempotent", Mutants::refusingItsOwnOwner,
						"acquiringAgainWithTheSameOwnerIsGrantedAgain"),
				new Mutant("acquiring again keeps the old lease", Mutants::keepingTheOldLeaseOfItsOwner,
						"acquiringAgainStartsTheLeaseAnew"),
				new Mutant("wake-up is lost", Mutants::sleepingThroughReleases, "aWaiterIsWokenByARelease",
						"aWaiterIsWokenByABreak"),
				new Mutant("waiter does not look again", Mutants::waitingForNothingButTheEnd,
						"aWaiterIsServedWhenTheHoldersLeaseEnds"),
				new Mutant("no re-check after waiting", Mutants::stealingWhenTheFirstLeaseEnds,
						"aWaiterStaysOutWhileTheHolderRenews"),
				new Mutant("waiter leaves its place behind", Mutants::leavingAPlaceInTheQueue,
						"anInterruptedWaiterLeavesNothing", "aTimedWaitEndsInTimeAndLeavesNothing"),
				new Mutant("interrupt is swallowed", Mutants::swallowingInterrupts, "anInterruptedWaiterLeavesNothing"),
				new Mutant("look and take are two steps", Mutants::lookingBeforeItTakes,
						"underLoadHoldsNeverOverlapAndTokensRise"),
				new Mutant("close leaves waiters", Mutants::stayingOpen, "aDriverThatIsClosedEndsItsWaitingAttempts"),
				new Mutant("keys fold case", Mutants::foldingCase, "idsThatStoresLikeToConfuseAreHeldAtTheSameTime"),
				new Mutant("keys are trimmed", Mutants::trimmingBlanks,
						"idsThatStoresLikeToConfuseAreHeldAtTheSameTime"),
				new Mutant("keys are cut", Mutants::cuttingLongIds, "idsThatStoresLikeToConfuseAreHeldAtTheSameTime"),
				new Mutant("revocations are not told", Mutants::keepingRevocationsToItself,
						"aHolderIsToldThatItsHoldIsAskedFor", "anInstanceTellsItsHolderOnceThatItsHoldIsAskedFor"),
				new Mutant("revocation without compare", Mutants::revokingWithoutComparing, "aRequestEndsWithTheHold"),
				new Mutant("namespaces are ignored", Mutants::ignoringNamespaces, "namespacesAreApart"));
	}

	static Stream<Mutant> mutantsOfManyKeys() {
		return Stream.of(new Mutant("many are waited for", ManyKeysMutants::waitingForEach, "manyAreNotWaitedFor"),
				new Mutant("many end at the first held one", ManyKeysMutants::stoppingAtTheFirstThatIsHeld,
						"ofManyTheFreeOnesAreGrantedAndTheHeldOnesLeftAlone", "manyAreNotWaitedFor"),
				new Mutant("grants of many in another order", ManyKeysMutants::answeringInTheOrderOfKeys,
						"ofManyTheFreeOnesAreGrantedAndTheHeldOnesLeftAlone"),
				new Mutant("many are stolen", ManyKeysMutants::stealingWhatIsHeld,
						"ofManyTheFreeOnesAreGrantedAndTheHeldOnesLeftAlone", "veryManyAreTakenAndReleased",
						"ofManyIdsTheOneThatIsHeldIsNamed",
						"requestsForOverlappingIdsExcludeEachOtherAndNeverBlockForGood"),
				new Mutant("no more than one statement takes", ManyKeysMutants::takingOneStatementOnly,
						"veryManyAreTakenAndReleased"),
				new Mutant("deadline of many is too late", ManyKeysMutants::relyingOnTheWholeLeaseOfMany,
						"theStoreKeepsManyForAsLongAsTheirHolderReliesOnThem"),
				new Mutant("acquire is not idempotent, of many", Mutants::refusingItsOwnOwner,
						"takingManyAgainWithTheSameOwnersIsGrantedAgain"),
				new Mutant("tokens of each client's own, of many", Mutants::countingTokensByItself,
						"tokensRiseFromManyToMany"),
				new Mutant("release of many does not look", ManyKeysMutants::reportingAllAsReleased,
						"aReleaseOfManyReturnsThoseThatWereOursAndLeavesSuccessorsAlone",
						"anEndedLeaseOfOneOfManyIsToldAndTheOthersAreReleased"),
				new Mutant("release of many does not compare", ManyKeysMutants::releasingManyWithoutComparing,
						"aReleaseOfManyReturnsThoseThatWereOursAndLeavesSuccessorsAlone"),
				new Mutant("release of many releases one", ManyKeysMutants::releasingTheFirstOnly,
						"aReleaseOfManyWakesTheWaiterOfEach", "veryManyAreTakenAndReleased"),
				new Mutant("wake-up of many is lost", Mutants::sleepingThroughReleases,
						"aReleaseOfManyWakesTheWaiterOfEach"));
	}

	static Stream<Mutant> mutantsOfAnswers() {
		return Stream.of(
				new Mutant("some holds get no answer", PartedMutants::renewingTheFirstHundredOnly,
						"aRenewalOfManyHoldsNamesExactlyTheLostOnes"),
				new Mutant("what is lost gets no answer", PartedMutants::tellingWhatIsLostAsUnknown,
						"aRenewalAnswersForEachHoldWhateverHasBecomeOfTheOthers",
						"aRenewalOfManyHoldsNamesExactlyTheLostOnes"),
				new Mutant("what is lost is asked for", PartedMutants::askingForWhatIsLost,
						"aRenewalAnswersForEachHoldWhateverHasBecomeOfTheOthers"),
				new Mutant("what is lost is renewed", Mutants::renewingBlindly,
						"aRenewalAnswersForEachHoldWhateverHasBecomeOfTheOthers"));
	}

	@ParameterizedTest
	@MethodSource({ "mutants", "mutantsOfManyKeys", "mutantsOfAnswers" })
	void aFaultIsFoundByEachOfItsCases(Mutant mutant) {
		TestExecutionSummary summary = run(mutant.mutation(), mutant.cases());
		assertThat(summary.getTestsFailedCount()).as("How many cases failed of %s", mutant.cases())
			.isEqualTo(mutant.cases().size());
		assertThat(summary.getFailures()).as("The failures of a driver whose fault is: %s", mutant)
			.allSatisfy((failure) -> assertThat(failure.getException()).isInstanceOfAny(AssertionError.class,
					ConditionTimeoutException.class));
	}

	@Test
	void aDriverWithoutAFaultPassesTheSameCases() {
		List<String> cases = Stream.of(mutants(), mutantsOfManyKeys(), mutantsOfAnswers())
			.flatMap(Function.identity())
			.flatMap((mutant) -> mutant.cases().stream())
			.distinct()
			.toList();
		TestExecutionSummary summary = run(DelegatingDriver::new, cases);
		assertThat(summary.getFailures()).as("The failures of a faithful driver").isEmpty();
		assertThat(summary.getTestsSucceededCount()).as("How many cases it passed").isEqualTo(cases.size());
	}

	private static TestExecutionSummary run(UnaryOperator<LockDriver> faultyMutation, List<String> cases) {
		mutation = faultyMutation;
		LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
			.selectors(cases.stream().map((name) -> selectMethod(MutantContract.class, name)).toList())
			.build();
		SummaryGeneratingListener listener = new SummaryGeneratingListener();
		LauncherFactory.create().execute(request, listener);
		return listener.getSummary();
	}

	/**
	 * A fault, and the cases that are there for it.
	 */
	record Mutant(String fault, UnaryOperator<LockDriver> mutation, List<String> cases) {

		Mutant(String fault, UnaryOperator<LockDriver> mutation, String... cases) {
			this(fault, mutation, List.of(cases));
		}

		@Override
		public String toString() {
			return this.fault;
		}

	}

	/**
	 * The contract, run on the present mutant of the local driver.
	 */
	static class MutantContract extends LocalLockDriverContractTests {

		@Override
		protected LockDriver newDriver() {
			return mutation.apply(super.newDriver());
		}

		@Override
		protected Duration patience() {
			return Duration.ofSeconds(2);
		}

	}

}
