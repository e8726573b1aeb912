package org.dragonflow.lock.aop;

import java.time.Duration;

import org.dragonflow.lock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * A method to be locked, with all that its annotation says.
 *
 * @param expression yields the ids
 * @param label names the method in metrics and logs: its scope, or else itself
 * @param prefix what each id starts with; empty for nothing
 * @param waitTime how long to wait, null for the configured time
 * @param lease the lease, null for the configured one
 * @param resultType tells when the work is done
 */
record LockedMethod(ObjectIdExpression expression, String label, String prefix, @Nullable Duration waitTime,
		@Nullable Duration lease, ResultType resultType) {

	LockRequest request(@Nullable Object target, @Nullable Object[] args) {
		return new LockRequest(this.expression.evaluate(target, args, this.prefix), this.waitTime, this.lease,
				this.label);
	}

}
