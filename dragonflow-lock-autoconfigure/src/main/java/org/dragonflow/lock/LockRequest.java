package org.dragonflow.lock;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * What to acquire, and how.
 *
 * @param objectIds the ids, in ascending order; at least one, without duplicates
 * @param waitTime how long to wait at most, zero to try once, null for the configured
 * {@code dragonflow.lock.wait}
 * @param lease how long the hold outlives a crash of its holder, null for the configured
 * {@code dragonflow.lock.lease}. A driver whose store has one lease for the whole client
 * may keep the hold for longer.
 * @param label what the lock is for, in a word, as metrics and logs name it; one of a few
 * that an application has, never an id. Null for none.
 * @param options what is to be otherwise than usual
 */
public record LockRequest(SortedSet<String> objectIds, @Nullable Duration waitTime, @Nullable Duration lease,
		@Nullable String label, Set<Option> options) {

	/**
	 * Creates a request.
	 * @param objectIds see the record
	 * @param waitTime see the record
	 * @param lease see the record
	 * @param label see the record
	 * @param options see the record
	 * @throws IllegalArgumentException if there is no id, an id is null or empty, the
	 * wait is negative, the lease is not positive, or the label is empty
	 */
	public LockRequest {
		if (objectIds.isEmpty()) {
			throw new IllegalArgumentException("No object id to lock: name at least one");
		}
		for (String objectId : objectIds) {
			if (objectId == null || objectId.isEmpty()) {
				// In quotes, for an empty one would not be seen.
				throw new IllegalArgumentException("The object ids to lock must not be null or empty, but are "
						+ objectIds.stream().map((id) -> "'" + id + "'").toList());
			}
		}
		if (waitTime != null && waitTime.isNegative()) {
			throw new IllegalArgumentException(
					"The wait for a lock must not be negative, but is " + waitTime + "; use zero to try once");
		}
		if (lease != null && (lease.isNegative() || lease.isZero())) {
			throw new IllegalArgumentException("The lease of a lock must be positive, but is " + lease);
		}
		if (label != null && label.isEmpty()) {
			throw new IllegalArgumentException("The label of a lock must not be empty; leave it out");
		}
		// Not by the set's own comparator: two requests must have the same order.
		TreeSet<String> ascending = new TreeSet<>();
		ascending.addAll(objectIds);
		objectIds = Collections.unmodifiableSortedSet(ascending);
		options = Set.copyOf(options);
	}

	/**
	 * Creates a request without options.
	 * @param objectIds see the record
	 * @param waitTime see the record
	 * @param lease see the record
	 * @param label see the record
	 * @throws IllegalArgumentException as for one with options
	 */
	public LockRequest(SortedSet<String> objectIds, @Nullable Duration waitTime, @Nullable Duration lease,
			@Nullable String label) {
		this(objectIds, waitTime, lease, label, Set.of());
	}

	/**
	 * Creates a request without a label.
	 * @param objectIds see the record
	 * @param waitTime see the record
	 * @param lease see the record
	 * @throws IllegalArgumentException as for one with a label
	 */
	public LockRequest(SortedSet<String> objectIds, @Nullable Duration waitTime, @Nullable Duration lease) {
		this(objectIds, waitTime, lease, null);
	}

	/**
	 * A request for some ids, with the configured wait and lease.
	 * @param objectIds what to lock
	 * @return the request
	 */
	public static LockRequest of(String... objectIds) {
		return of(Arrays.asList(objectIds));
	}

	/**
	 * A request for some ids, with the configured wait and lease.
	 * @param objectIds what to lock
	 * @return the request
	 */
	public static LockRequest of(Collection<String> objectIds) {
		for (String objectId : objectIds) {
			if (objectId == null) {
				throw new IllegalArgumentException(
						"The object ids to lock must not be null or empty, but are " + objectIds);
			}
		}
		return new LockRequest(new TreeSet<>(objectIds), null, null);
	}

	/**
	 * The same request with another wait.
	 * @param wait how long to wait at most, zero to try once
	 * @return a new request
	 */
	public LockRequest withWait(Duration wait) {
		return new LockRequest(this.objectIds, wait, this.lease, this.label, this.options);
	}

	/**
	 * The same request with another lease.
	 * @param lease how long the hold outlives a crash of its holder
	 * @return a new request
	 */
	public LockRequest withLease(Duration lease) {
		return new LockRequest(this.objectIds, this.waitTime, lease, this.label, this.options);
	}

	/**
	 * The same request with another label.
	 * @param label what the lock is for, see the record
	 * @return a new request
	 */
	public LockRequest withLabel(String label) {
		return new LockRequest(this.objectIds, this.waitTime, this.lease, label, this.options);
	}

	/**
	 * The same request with one more option.
	 * @param option what is to be otherwise than usual
	 * @return a new request
	 */
	public LockRequest withOption(Option option) {
		EnumSet<Option> more = EnumSet.of(option);
		more.addAll(this.options);
		return new LockRequest(this.objectIds, this.waitTime, this.lease, this.label, more);
	}

	/**
	 * What may be otherwise than usual.
	 */
	public enum Option {

		/**
		 * Where threads of this JVM would wait for each other, goes on waiting until the
		 * wait has ended, and is refused then. Usually that is an
		 * {@link IllegalStateException} at once, of this request or of another thread's.
		 * Without effect where the wait has no end.
		 */
		WAIT_IN_CYCLES,

		/**
		 * The last unlock releases at once, also inside a transaction. Others may then
		 * see the state before its commit. Usually the transaction keeps the lock until
		 * it has completed. Without effect for what a handle owns, which no transaction
		 * keeps.
		 */
		RELEASE_IN_TRANSACTION

	}

}
