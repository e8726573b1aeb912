package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.LockStoreException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;

/**
 * Tells why the store cannot be used.
 */
final class LockStoreFailureAnalyzer extends AbstractFailureAnalyzer<LockStoreException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockStoreException cause) {
		String description = String.valueOf(cause.getMessage());
		Throwable root = NestedExceptionUtils.getRootCause(cause);
		if (root != null && root.getMessage() != null && !description.contains(root.getMessage())) {
			description += System.lineSeparator() + "The reason: " + root.getMessage();
		}
		return new FailureAnalysis(
				(cause.isRefused() ? "The store of the distributed lock refuses: "
						: "The store of the distributed lock cannot be reached: ") + description,
				(cause.isRefused() ? "Correct what the store objects to"
						: "Start the store, or correct its address in the configuration")
						+ ", and start the application again. To start it without locks, set dragonflow.lock.enabled=false.",
				cause);
	}

}
