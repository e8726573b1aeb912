package org.dragonflow.lock.actuate;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What holds for the endpoint and the health of the locks.
 *
 * @param timeout How long an answer of the store is waited for.
 * @param limit How many locks and how many threads are listed at most, where the request
 * does not say.
 */
@ConfigurationProperties("dragonflow.lock.management")
public record LockManagementProperties(@DefaultValue("2s") Duration timeout, @DefaultValue("500") int limit) {
}
