package org.dragonflow.lock.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * An application that was processed ahead of time is started with a property that had
 * another value then.
 */
final class BuildTimeChoiceException extends RuntimeException {

	private final String property;

	private final @Nullable String processed;

	private final String wanted;

	BuildTimeChoiceException(String property, @Nullable String processed, String wanted) {
		super("The application was processed ahead of time "
				+ ((processed != null) ? "for '" + property + "=" + processed + "'" : "without '" + property + "'")
				+ ", and is started with '" + property + "=" + wanted + "'");
		this.property = property;
		this.processed = processed;
		this.wanted = wanted;
	}

	String getProperty() {
		return this.property;
	}

	/**
	 * The value when the application was processed.
	 * @return null if there was none
	 */
	@Nullable String getProcessed() {
		return this.processed;
	}

	String getWanted() {
		return this.wanted;
	}

}
