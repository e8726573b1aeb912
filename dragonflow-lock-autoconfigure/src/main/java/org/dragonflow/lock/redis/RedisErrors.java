package org.dragonflow.lock.redis;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a Redis that cannot be reached from one that refuses.
 */
final class RedisErrors {

	// Servers begin the text of an error with its code, whatever client reports it.
	private static final Pattern CODE = Pattern.compile("^-?([A-Z][A-Z0-9]{2,})(?: |$)");

	// A start or a failover is under way, a cluster is incomplete, a script of another
	// runs too long, memory or disk is full: asking again later may help.
	private static final Set<String> PASSING = Set.of("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN",
			"MOVED", "ASK", "BUSY", "OOM", "MISCONF", "NOREPLICAS", "UNBLOCKED");

	private RedisErrors() {
	}

	static LockStoreException translate(String action, Throwable failure) {
		if (failure instanceof LockStoreException translated) {
			return translated;
		}
		return translate(action, code(failure), reason(failure), failure);
	}

	/**
	 * What a server has said of one lock among others.
	 */
	static LockStoreException translate(String action, String error) {
		return translate(action, codeOf(error), error, null);
	}

	private static LockStoreException translate(String action, @Nullable String code, String reason,
			@Nullable Throwable failure) {
		String what = "Could not " + action + ": " + reason;
		if (code == null || PASSING.contains(code)) {
			return LockStoreException.unreachable(what, failure);
		}
		return LockStoreException.refused(what + switch (code) {
			case "NOAUTH", "WRONGPASS" -> ". Check the user name and the password of the connection.";
			case "WRONGTYPE" -> ". Something else uses the lock's keys. Delete them, or choose another"
					+ " 'dragonflow.lock.redis.key-prefix'.";
			default -> ". Check that the user may run the commands that the driver's documentation names, on its keys"
					+ " and channels.";
		}, failure);
	}

	/**
	 * The code of a server's error.
	 * @return null if no server has said anything
	 */
	static @Nullable String code(Throwable failure) {
		for (Throwable next = failure; next != null; next = next.getCause()) {
			String code = codeOf(String.valueOf(next.getMessage()));
			if (code != null) {
				return code;
			}
		}
		return null;
	}

	private static @Nullable String codeOf(String message) {
		Matcher matcher = CODE.matcher(message);
		return matcher.find() ? matcher.group(1) : null;
	}

	private static String reason(Throwable failure) {
		Throwable root = failure;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return (root.getMessage() != null) ? root.getMessage() : root.toString();
	}

}
