package org.dragonflow.samples.northbound.demo;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the demonstration says, and whether it ends with status 0.
 */
class ReportTests {

	private static final Load.Result LOSSES = result(0, 7, 3);

	private static final Load.Result NO_LOSS = result(0, 0, 0);

	@Test
	void lossesWithoutTheLockAndNoneWithItAreConvincing() {
		Report report = report(LOSSES, NO_LOSS);
		assertThat(report.isConvincing()).as("Whether the point is made").isTrue();
		assertThat(report).asString()
			.contains("Without the lock, 7 of 100 changes that the service had confirmed are gone; with it, every one");
	}

	@Test
	void noLossWithoutTheLockShowsNothing() {
		Report report = report(NO_LOSS, NO_LOSS);
		assertThat(report.isConvincing()).as("Whether the point is made").isFalse();
		assertThat(report).asString().contains("this run shows nothing");
	}

	@Test
	void aLossWithTheLockIsNotConvincing() {
		Report report = report(LOSSES, result(0, 1, 0));
		assertThat(report.isConvincing()).as("Whether the point is made").isFalse();
		assertThat(report).asString().contains("With the driver 'jdbc', 1 of 100 changes").contains("does not protect");
	}

	@Test
	void anAddressGivenTwiceWithTheLockIsNotConvincing() {
		assertThat(report(LOSSES, result(0, 0, 1)).isConvincing()).as("Whether the point is made").isFalse();
	}

	@Test
	void aFailedCallWithTheLockIsNotConvincing() {
		Report report = report(LOSSES, result(2, 0, 0));
		assertThat(report.isConvincing()).as("Whether the point is made").isFalse();
		assertThat(report).asString().contains("but 2 calls failed").contains("The first failure: it broke");
	}

	@Test
	void aFailedCallWithoutTheLockDoesNotMatter() {
		assertThat(report(result(2, 7, 0), NO_LOSS).isConvincing()).as("Whether the point is made").isTrue();
	}

	private static Report report(Load.Result without, Load.Result with) {
		return new Report(LockChoice.of("jdbc"), without, with);
	}

	private static Load.Result result(long failed, long lost, long givenTwice) {
		return new Load.Result(100, failed, (failed > 0) ? "it broke" : "", lost, givenTwice, 1, new long[] { 1, 2 });
	}

}
