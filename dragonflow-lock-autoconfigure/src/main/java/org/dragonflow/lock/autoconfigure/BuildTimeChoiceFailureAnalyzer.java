package org.dragonflow.lock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells what cannot be changed any more, and how to change it.
 */
final class BuildTimeChoiceFailureAnalyzer extends AbstractFailureAnalyzer<BuildTimeChoiceException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, BuildTimeChoiceException cause) {
		String property = cause.getProperty();
		String same = (cause.getProcessed() != null) ? "Start it with " + property + "=" + cause.getProcessed()
				: "Start it without " + property;
		return new FailureAnalysis(
				cause.getMessage() + ". Which beans there are was decided when it was processed, and cannot be changed"
						+ " by a property at run time.",
				same + ", or process it again with " + property + "=" + cause.getWanted()
						+ " (the arguments of process-aot). On a JVM it also starts with -Dspring.aot.enabled=false.",
				cause);
	}

}
