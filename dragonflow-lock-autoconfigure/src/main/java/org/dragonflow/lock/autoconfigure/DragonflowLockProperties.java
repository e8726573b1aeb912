package org.dragonflow.lock.autoconfigure;

import java.time.Duration;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What holds for the locks on any store.
 *
 * @param driver Name of the driver for the store that keeps the locks.
 * @param namespace Keeps the locks of one application apart from another's in the same
 * store.
 * @param lease How long a hold outlives a crash of its holder. Renewed in the background
 * until it is released.
 * @param waitTime How long to wait for a lock at most.
 * @param maxHold How long a hold is renewed at most.
 * @param warnAfter How long a thread waits for a lock before a warning says who holds it.
 * Zero for no warning.
 * @param handOver How far a lock is passed on between the threads of this instance
 * without asking the store, so that other instances get their turn.
 */
@ConfigurationProperties("dragonflow.lock")
public record DragonflowLockProperties(@Nullable String driver, @DefaultValue("dragonflow") String namespace,
		@DefaultValue("30s") Duration lease, @Name("wait") @Nullable Duration waitTime, @Nullable Duration maxHold,
		@DefaultValue("10s") Duration warnAfter, @DefaultValue HandOverProperties handOver) {

	/**
	 * The settings that these properties stand for.
	 * @param instance names this JVM, see {@link EngineSettings}
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if one is out of its range
	 */
	public EngineSettings toEngineSettings(String instance) {
		if (this.lease.compareTo(EngineSettings.MIN_LEASE) < 0) {
			throw invalid("lease", this.lease, "must be " + EngineSettings.MIN_LEASE.toMillis() + "ms or longer");
		}
		if (this.waitTime != null && this.waitTime.isNegative()) {
			throw invalid("wait", this.waitTime, "must not be negative; remove it to wait without bound");
		}
		if (this.maxHold != null && (this.maxHold.isNegative() || this.maxHold.isZero())) {
			throw invalid("max-hold", this.maxHold, "must be positive; remove it to hold without bound");
		}
		if (this.warnAfter.isNegative()) {
			throw invalid("warn-after", this.warnAfter, "must not be negative; use zero for no warning");
		}
		startupKey();
		return new EngineSettings(this.namespace, instance, this.lease, this.waitTime, this.maxHold,
				this.handOver.toHandOver(), this.warnAfter.isZero() ? null : this.warnAfter);
	}

	/**
	 * A key to ask the store for at start.
	 */
	LockKey startupKey() {
		try {
			return new LockKey(this.namespace, "start-up");
		}
		catch (IllegalArgumentException ex) {
			throw invalid("namespace", this.namespace, String.valueOf(ex.getMessage()));
		}
	}

	private static RuntimeException invalid(String name, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException("dragonflow.lock." + name, value, reason);
	}

	/**
	 * How far a lock is passed on.
	 *
	 * @param maxCount How many times in a row. Zero to ask the store each time.
	 * @param maxTime For how long after the store has granted it.
	 */
	record HandOverProperties(@DefaultValue("1023") int maxCount, @DefaultValue("100ms") Duration maxTime) {

		HandOver toHandOver() {
			if (this.maxCount < 0 || this.maxCount > HandOver.LARGEST_COUNT) {
				throw invalid("hand-over.max-count", this.maxCount, "must be from 0 to " + HandOver.LARGEST_COUNT);
			}
			if (this.maxTime.isNegative() || this.maxTime.compareTo(HandOver.LONGEST_TIME) > 0) {
				throw invalid("hand-over.max-time", this.maxTime,
						"must not be negative, and " + HandOver.LONGEST_TIME.toHours() + "h at most");
			}
			return new HandOver(this.maxCount, this.maxTime);
		}

	}

}
