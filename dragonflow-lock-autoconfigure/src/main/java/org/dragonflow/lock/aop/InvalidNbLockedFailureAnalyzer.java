package org.dragonflow.lock.aop;

import java.util.LinkedHashSet;
import java.util.Set;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells which method is wrong, why, and what to change.
 */
final class InvalidNbLockedFailureAnalyzer extends AbstractFailureAnalyzer<InvalidNbLockedException> {

	private static final String NEXT = System.lineSeparator() + "  ";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidNbLockedException cause) {
		String description = cause.getMessage();
		if (cause.isEarly()) {
			description += createdFor(rootFailure);
		}
		return new FailureAnalysis(description, cause.getAction(), cause);
	}

	private static String createdFor(Throwable rootFailure) {
		Set<String> chain = new LinkedHashSet<>();
		for (Throwable failure = rootFailure; failure != null; failure = failure.getCause()) {
			if (failure instanceof BeanCreationException creation && creation.getBeanName() != null) {
				String resource = creation.getResourceDescription();
				chain.add("'" + creation.getBeanName() + "'" + ((resource != null) ? " (" + resource + ")" : ""));
			}
		}
		if (chain.size() < 2) {
			return "";
		}
		return ". What needs what:" + NEXT + String.join(", which needs" + NEXT, chain);
	}

}
