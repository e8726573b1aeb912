package org.dragonflow.lock.aop;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells which method is wrong, why, and what to change.
 */
final class InvalidNbLockedFailureAnalyzer extends AbstractFailureAnalyzer<InvalidNbLockedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidNbLockedException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.getAction(), cause);
	}

}
