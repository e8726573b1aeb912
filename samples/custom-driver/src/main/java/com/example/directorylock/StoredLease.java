package com.example.directorylock;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the file of a held lock says. All times are microseconds of the file system's
 * clock.
 *
 * @param owner who holds the lock
 * @param token the token of the grant
 * @param grantedAt when it was granted
 * @param expiresAt when it ends, unless renewed
 * @param revoked whether its release is asked for
 */
record StoredLease(String owner, long token, long grantedAt, long expiresAt, boolean revoked) {

	private static final Pattern TEXT = Pattern.compile("(\\S+) (\\d{1,18}) (\\d{1,18}) (\\d{1,18}) ([01])\n");

	// The time that a file system gives to files advances in steps: a grant at the end of
	// one is stamped with its beginning. No kernel's steps are longer than this.
	private static final long STEP = TimeUnit.MILLISECONDS.toMicros(10);

	// So that the longest of all leases does not overflow.
	private static final long MAX_LEASE = TimeUnit.DAYS.toMicros(36_500);

	static StoredLease granted(String owner, long token, long now, Duration lease) {
		return new StoredLease(owner, token, now, now, false).renewed(now, lease);
	}

	StoredLease renewed(long now, Duration lease) {
		long micros = Math.min(TimeUnit.MICROSECONDS.convert(lease), MAX_LEASE);
		return new StoredLease(this.owner, this.token, this.grantedAt, now + micros + STEP, this.revoked);
	}

	StoredLease asRevoked() {
		return new StoredLease(this.owner, this.token, this.grantedAt, this.expiresAt, true);
	}

	boolean isOf(String owner) {
		return this.owner.equals(owner);
	}

	boolean isOver(long now) {
		return this.expiresAt <= now;
	}

	String toText() {
		return this.owner + " " + this.token + " " + this.grantedAt + " " + this.expiresAt + " "
				+ (this.revoked ? "1" : "0") + "\n";
	}

	/**
	 * Reads what {@link #toText()} wrote.
	 * @return null if it is incomplete
	 */
	static @Nullable StoredLease parse(String text) {
		Matcher matcher = TEXT.matcher(text);
		return matcher.matches() ? new StoredLease(matcher.group(1), Long.parseLong(matcher.group(2)),
				Long.parseLong(matcher.group(3)), Long.parseLong(matcher.group(4)), matcher.group(5).equals("1"))
				: null;
	}

}
