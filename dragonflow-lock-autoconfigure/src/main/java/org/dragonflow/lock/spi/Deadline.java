package org.dragonflow.lock.spi;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A moment on this JVM's monotonic clock: the end of a wait or of a lease. Means nothing
 * to any other JVM. Immutable.
 */
public final class Deadline {

	/**
	 * The deadline that never passes.
	 */
	public static final Deadline NEVER = new Deadline(0, true);

	// About 146 years: far enough to be never, and its double does not overflow.
	private static final long MAX_NANOS = Long.MAX_VALUE / 2;

	private final long nanoTime;

	private final boolean never;

	private Deadline(long nanoTime, boolean never) {
		this.nanoTime = nanoTime;
		this.never = never;
	}

	/**
	 * A deadline some time from now.
	 * @param duration how far away; zero or less for one that has passed; null for one
	 * that never passes
	 * @return the deadline
	 */
	public static Deadline in(@Nullable Duration duration) {
		return (duration != null) ? after(System.nanoTime(), duration) : NEVER;
	}

	/**
	 * A deadline some time after a moment.
	 * @param nanoTime the moment, as {@link System#nanoTime()} gave it
	 * @param duration how long after it
	 * @return the deadline
	 */
	public static Deadline after(long nanoTime, Duration duration) {
		long nanos = nanos(duration);
		return (nanos < MAX_NANOS) ? new Deadline(nanoTime + nanos, false) : NEVER;
	}

	/**
	 * Until when a client may rely on a lease. The store counts the lease from when it
	 * handled the request, which is some time after it was sent, so counting from the
	 * sending is safe. An allowance for clocks that run at different speeds is taken off:
	 * a hundredth of the lease and two milliseconds, the figures of the Redlock
	 * algorithm's reference client.
	 * @param sentNanoTime {@link System#nanoTime()} right before the request was sent
	 * @param lease what was asked for
	 * @return the deadline
	 */
	public static Deadline ofLease(long sentNanoTime, Duration lease) {
		// Not by Duration.dividedBy(), which goes by way of BigDecimal.
		long nanos = nanos(lease);
		return (nanos < MAX_NANOS) ? new Deadline(sentNanoTime + nanos - nanos / 100 - 2_000_000, false) : NEVER;
	}

	/**
	 * Whether the moment has come.
	 * @return true from then on
	 */
	public boolean hasPassed() {
		return !this.never && this.nanoTime - System.nanoTime() <= 0;
	}

	/**
	 * The time left.
	 * @return nanoseconds, zero or less if passed, {@link Long#MAX_VALUE} if never
	 */
	public long remainingNanos() {
		return this.never ? Long.MAX_VALUE : this.nanoTime - System.nanoTime();
	}

	/**
	 * The time left.
	 * @return zero if passed; more than a hundred years if never
	 */
	public Duration remaining() {
		return Duration.ofNanos(Math.max(0, remainingNanos()));
	}

	/**
	 * The earlier of two deadlines.
	 * @param other another deadline
	 * @return this or the other
	 */
	public Deadline orEarlier(Deadline other) {
		if (this.never) {
			return other;
		}
		return (other.never || this.nanoTime - other.nanoTime <= 0) ? this : other;
	}

	@Override
	public String toString() {
		return this.never ? "never" : "in " + TimeUnit.NANOSECONDS.toMillis(remainingNanos()) + " ms";
	}

	private static long nanos(Duration duration) {
		return (duration.getSeconds() < TimeUnit.NANOSECONDS.toSeconds(MAX_NANOS)) ? duration.toNanos() : MAX_NANOS;
	}

}
