package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.StringJoiner;

import org.dragonflow.lock.LockException;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.RenewalStatus;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the store of the locks answers, and whether what is held is renewed in time.
 */
final class LockHealthIndicator extends AbstractHealthIndicator {

	private static final String PROBE = "health";

	private final LockEngine engine;

	private final BoundedStoreCalls store;

	LockHealthIndicator(LockEngine engine, BoundedStoreCalls store) {
		super("The health of the locks could not be found out");
		this.engine = engine;
		this.store = store;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		builder.up();
		long begin = System.nanoTime();
		try {
			this.store.call(() -> this.engine.look(PROBE));
			builder.withDetail("storeAnsweredIn", millis(Duration.ofNanos(System.nanoTime() - begin)));
		}
		catch (LockException ex) {
			builder.down().withDetail("storeProblem", Problems.describe(ex));
		}
		List<RenewalStatus> renewals = this.engine.renewals();
		builder.withDetail("held", renewals.stream().mapToLong(RenewalStatus::holds).sum());
		// Also where all is well: it rises when none is sent, whatever the reason.
		builder.withDetail("longestSinceRenewal",
				millis(renewals.stream()
					.map(RenewalStatus::sinceRenewal)
					.max(Comparator.naturalOrder())
					.orElse(Duration.ZERO)));
		List<String> late = renewals.stream()
			.filter((renewal) -> !renewal.isOnTime())
			.map(LockHealthIndicator::describe)
			.toList();
		if (!late.isEmpty()) {
			builder.down().withDetail("renewalProblems", late);
		}
	}

	private static String describe(RenewalStatus renewal) {
		StringJoiner problems = new StringJoiner(", ",
				"Renewing " + renewal.holds() + " lock(s) with a lease of " + renewal.lease().toMillis() + " ms ", "");
		if (!renewal.failingFor().isZero()) {
			problems.add("has failed for " + millis(renewal.failingFor()));
		}
		if (!renewal.renewingFor().isZero()) {
			problems.add("has had no answer for " + millis(renewal.renewingFor()));
		}
		if (!renewal.lookLate().isZero()) {
			problems.add("is late by " + millis(renewal.lookLate()));
		}
		problems.add("last went well " + millis(renewal.sinceRenewal()) + " ago");
		return problems.toString();
	}

	private static String millis(Duration duration) {
		return duration.toMillis() + " ms";
	}

}
