package org.dragonflow.lock.actuate;

import java.util.regex.Pattern;

/**
 * What went wrong, in words that may be shown.
 */
final class Problems {

	// Clients quote the address that they were given, with what it may contain.
	private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/\\s@]*@");

	private static final Pattern SECRET = Pattern
		.compile("(?i)((?:password|passwd|pwd|secret|credentials?|token|auth)\\s*[=:]\\s*)[^\\s&;,)]+");

	private Problems() {
	}

	static String describe(Exception failure) {
		String message = (failure.getMessage() != null) ? failure.getMessage() : failure.toString();
		return SECRET.matcher(USER_INFO.matcher(message).replaceAll("******@")).replaceAll("$1******");
	}

}
