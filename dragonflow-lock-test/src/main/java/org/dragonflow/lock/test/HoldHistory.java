package org.dragonflow.lock.test;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.dragonflow.lock.test.HoldRecord.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the workers of the random test have seen, and the checks of it.
 */
final class HoldHistory {

	// Of each JVM. The first ones tell more than the many that follow from them.
	private static final int MOST_VIOLATIONS = 10;

	private final List<List<HoldRecord>> byWorker = new ArrayList<>();

	private final List<String> violations = new ArrayList<>();

	private final List<LateWrite> lateWrites = new ArrayList<>();

	private final List<BreakRecord> breaks = new ArrayList<>();

	/**
	 * Adds what a worker has answered to its stop.
	 */
	void add(String answer) {
		List<String> lines = answer.lines().toList();
		lines.stream()
			.filter((line) -> line.startsWith(RandomLocking.VIOLATION))
			.map((line) -> line.substring(RandomLocking.VIOLATION.length()))
			.limit(MOST_VIOLATIONS)
			.forEach(this.violations::add);
		lines.stream()
			.filter((line) -> line.startsWith(LateWrite.PREFIX))
			.map(LateWrite::parse)
			.forEach(this.lateWrites::add);
		lines.stream()
			.filter((line) -> line.startsWith(BreakRecord.PREFIX))
			.map(BreakRecord::parse)
			.forEach(this.breaks::add);
		this.byWorker.add(lines.stream()
			.filter((line) -> Stream.of(RandomLocking.VIOLATION, LateWrite.PREFIX, BreakRecord.PREFIX)
				.noneMatch(line::startsWith))
			.map(HoldRecord::parse)
			.toList());
	}

	/**
	 * Checks that holds of the same id never overlapped, and that their tokens rise in
	 * the order of their windows. Sorted by token, each has only to be compared with the
	 * next.
	 */
	void check(String seed) {
		assertThat(this.violations).as("What the holders have seen; %s", seed).isEmpty();
		assertThat(this.lateWrites.stream().filter((write) -> this.breaks.stream().noneMatch(write::isExcusedBy)))
			.as("What was written with a lower token than another's, by who held; %s", seed)
			.isEmpty();
		Map<String, List<HoldRecord>> byId = all().map(this::cut).collect(Collectors.groupingBy(HoldRecord::objectId));
		byId.values().forEach((records) -> checkWindows(records, seed));
	}

	private HoldRecord cut(HoldRecord hold) {
		HoldRecord cut = hold;
		for (BreakRecord found : this.breaks) {
			cut = found.cut(cut);
		}
		return cut;
	}

	private static void checkWindows(List<HoldRecord> records, String seed) {
		assertThat(records).as("The tokens of one id; %s", seed).extracting(HoldRecord::token).doesNotHaveDuplicates();
		// A holder that was paused between its grant and its first look had no window.
		List<HoldRecord> windows = records.stream()
			.filter(HoldRecord::wasRelied)
			.sorted(Comparator.comparingLong(HoldRecord::token))
			.toList();
		for (int i = 1; i < windows.size(); i++) {
			HoldRecord before = windows.get(i - 1);
			HoldRecord after = windows.get(i);
			assertThat(after.start() - before.end())
				.as("The nanoseconds from the end of %s to the start of %s, which has the next token; %s", before,
						after, seed)
				.isNotNegative();
		}
	}

	/**
	 * Checks that there was enough to be checked.
	 */
	void checkThatItSaysSomething(int atLeast, String seed) {
		assertThat(all().count()).as("How many holds there were; %s", seed).isGreaterThanOrEqualTo(atLeast);
		assertThat(this.byWorker).as("The holds by JVM; %s", seed).noneMatch(List::isEmpty);
		assertThat(count(Outcome.LOST)).as("How many holds were lost; %s", seed).isPositive();
		assertThat(count(Outcome.BROKEN)).as("How many holds were broken; %s", seed).isPositive();
	}

	long count(Outcome outcome) {
		return all().filter((hold) -> hold.outcome() == outcome).count();
	}

	@Override
	public String toString() {
		return Stream.of(Outcome.values())
			.map((outcome) -> outcome + " " + count(outcome))
			.collect(Collectors.joining(", ")) + ", breaks by an engine " + this.breaks.size();
	}

	private Stream<HoldRecord> all() {
		return this.byWorker.stream().flatMap(List::stream);
	}

	/**
	 * A write that the register has refused to somebody who held all the same.
	 */
	record LateWrite(String objectId, long token) {

		/**
		 * What a line begins with that is one.
		 */
		static final String PREFIX = "? ";

		static LateWrite parse(String line) {
			String[] parts = line.substring(PREFIX.length()).split(" ");
			return new LateWrite(parts[0], Long.parseLong(parts[1]));
		}

		String format() {
			return PREFIX + this.objectId + " " + this.token;
		}

		/**
		 * Whether another JVM has broken the hold, which may not have heard of it.
		 */
		boolean isExcusedBy(BreakRecord found) {
			return !found.own() && found.isOf(this.objectId, this.token);
		}

	}

}
