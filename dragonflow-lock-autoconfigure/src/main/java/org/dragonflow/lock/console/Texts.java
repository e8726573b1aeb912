package org.dragonflow.lock.console;

import org.jspecify.annotations.Nullable;

/**
 * Keeps texts short, as ids may have any length.
 */
final class Texts {

	/**
	 * The most characters of a text.
	 */
	static final int MAX_LENGTH = 120;

	private static final int LENGTH_OF_END = 20;

	private Texts() {
	}

	/**
	 * The text itself, or its begin and its end if it is long: ids often differ at their
	 * ends. Between them is a number, so that two that differ elsewhere do too.
	 */
	static String cut(String text) {
		if (text.length() <= MAX_LENGTH) {
			return text;
		}
		String between = "…" + Integer.toHexString(text.hashCode()) + "…";
		int head = MAX_LENGTH - LENGTH_OF_END - between.length();
		int tail = text.length() - LENGTH_OF_END;
		if (Character.isHighSurrogate(text.charAt(head - 1))) {
			head--;
		}
		if (Character.isLowSurrogate(text.charAt(tail))) {
			tail++;
		}
		return text.substring(0, head) + between + text.substring(tail);
	}

	static @Nullable String cutNullable(@Nullable String text) {
		return (text != null) ? cut(text) : null;
	}

}
