package org.dragonflow.lock.autoconfigure;

import java.util.regex.Pattern;

/**
 * The place in an application's code that has led to a call of the library.
 */
final class CallingPlace {

	// What stands between the two: this library, Spring and the JDK.
	private static final Pattern BETWEEN = Pattern.compile("(org\\.dragonflow\\.lock\\.([A-Z]"
			+ "|(engine|aop|integration|autoconfigure)\\.)|org\\.springframework\\.|java\\.|javax\\.|jdk\\.|sun\\.|com\\.sun\\."
			+ "|org\\.aopalliance\\.).*");

	private CallingPlace() {
	}

	/**
	 * Finds the place. For an annotated method it is that method, if its proxy is one of
	 * its class.
	 * @return class and method, and the line if there is one
	 */
	static String find() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.filter((frame) -> !BETWEEN.matcher(frame.getClassName()).matches())
				.findFirst()
				.map(CallingPlace::describe)
				.orElse("an unknown caller"));
	}

	private static String describe(StackWalker.StackFrame frame) {
		String type = frame.getClassName();
		int generated = type.indexOf("$$");
		String method = ((generated > 0) ? type.substring(0, generated) : type) + "." + frame.getMethodName();
		return (generated < 0 && frame.getLineNumber() > 0) ? method + " (line " + frame.getLineNumber() + ")" : method;
	}

}
