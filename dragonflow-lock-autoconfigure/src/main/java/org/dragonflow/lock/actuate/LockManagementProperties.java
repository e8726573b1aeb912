package org.dragonflow.lock.actuate;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What holds for the endpoint and the health of the locks.
 *
 * @param timeout How long an answer of the store is waited for.
 * @param limit How many locks and how many threads are listed at most, where the request
 * does not say.
 */
@ConfigurationProperties("dragonflow.lock.management")
public record LockManagementProperties(@DefaultValue("2s") Duration timeout, @DefaultValue("500") int limit) {

	/**
	 * Checks the values.
	 * @throws InvalidConfigurationPropertyValueException if one is out of its range
	 */
	public LockManagementProperties {
		if (timeout.isNegative() || timeout.isZero()) {
			throw invalid("timeout", timeout, "must be positive");
		}
		if (limit < 1 || limit > LocksEndpoint.LARGEST_LIMIT) {
			throw invalid("limit", limit, "must be from 1 to " + LocksEndpoint.LARGEST_LIMIT);
		}
	}

	private static RuntimeException invalid(String name, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException("dragonflow.lock.management." + name, value, reason);
	}

}
