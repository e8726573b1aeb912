package org.dragonflow.samples.northbound.demo;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Tells what came of the two runs.
 */
final class Report {

	private final LockChoice choice;

	private final Load.Result without;

	private final Load.Result with;

	Report(LockChoice choice, Load.Result without, Load.Result with) {
		this.choice = choice;
		this.without = without;
		this.with = with;
	}

	/**
	 * Whether the point is made: updates are lost without the lock, and none with it.
	 * @return true if so
	 */
	boolean isConvincing() {
		return this.without.lost() > 0 && this.with.lost() == 0 && this.with.givenTwice() == 0
				&& this.with.failed() == 0;
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		row(text, "", LockChoice.NONE.title(), this.choice.title());
		row(text, "calls (create, update, delete)", Load.Result::calls);
		row(text, "failed", Load.Result::failed);
		row(text, "LOST UPDATES", Load.Result::lost);
		row(text, "addresses given to two ports", Load.Result::givenTwice);
		row(text, "throughput, calls per second", (result) -> Math.round(result.calls() / result.seconds()));
		for (int percent : List.of(50, 95, 99)) {
			row(text, "wait of a caller, p" + percent, (result) -> millis(result, percent / 100.0));
		}
		row(text, "wait of a caller, longest", (result) -> millis(result, 1));
		text.append('\n').append(sentence()).append('\n');
		for (Load.Result result : List.of(this.without, this.with)) {
			if (!result.failure().isEmpty()) {
				text.append("The first failure: ").append(result.failure()).append('\n');
			}
		}
		return text.toString();
	}

	private String sentence() {
		if (this.with.lost() > 0) {
			return "With the driver '%s', %d of %d changes that the service had confirmed are gone: it does not protect two processes from each other."
				.formatted(this.choice.driver(), this.with.lost(), this.with.calls());
		}
		if (this.with.failed() > 0) {
			return "With the lock nothing was lost, but %d calls failed.".formatted(this.with.failed());
		}
		if (this.without.lost() == 0) {
			return "Nothing was lost even without the lock: this run shows nothing.";
		}
		return "Without the lock, %d of %d changes that the service had confirmed are gone; with it, every one is there."
			.formatted(this.without.lost(), this.without.calls());
	}

	private void row(StringBuilder text, String name, Function<Load.Result, Object> value) {
		row(text, name, value.apply(this.without).toString(), value.apply(this.with).toString());
	}

	private static void row(StringBuilder text, String name, String without, String with) {
		text.append(String.format("  %-32s %18s %18s%n", name, without, with));
	}

	private static String millis(Load.Result result, double part) {
		return String.format(Locale.ROOT, "%.1f ms", result.waitMillis(part));
	}

}
