package org.dragonflow.lock.console;

import java.util.Map;

/**
 * What each answer of the console says besides its content. An actuator endpoint cannot
 * say it itself, so each kind of web server has its own way.
 */
final class ConsoleHeaders {

	/**
	 * Nothing but files of the page itself, whatever somebody has put into an id.
	 */
	static final Map<String, String> ALL = Map.of("Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
					+ " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
					+ " require-trusted-types-for 'script'; trusted-types 'none'",
			"X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", "Cross-Origin-Resource-Policy",
			"same-origin", "Cache-Control", "no-store");

	private ConsoleHeaders() {
	}

	/**
	 * Sets all of them in the answer to the request that this thread serves.
	 */
	@FunctionalInterface
	interface Setter {

		/**
		 * For servers where something else does.
		 */
		Setter NONE = () -> {
		};

		void set();

	}

}
