package org.dragonflow.lock.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * What decides which beans there are. Where an application is processed ahead of time, it
 * was decided then, and properties at run time cannot change it any more.
 *
 * @param enabled whether there are locks
 * @param driver the driver's name, null for none
 * @param schema whether the {@code jdbc} driver may create its table
 */
record BuildTimeChoice(boolean enabled, @Nullable String driver, boolean schema) {

	private static final String ENABLED = "dragonflow.lock.enabled";

	private static final String DRIVER = "dragonflow.lock.driver";

	private static final String SCHEMA = "dragonflow.lock.jdbc.initialize-schema";

	// As the conditions of the auto-configurations read the properties.
	static BuildTimeChoice of(Environment environment) {
		String driver = environment.getProperty(DRIVER);
		return new BuildTimeChoice(isEnabled(environment), StringUtils.hasText(driver) ? driver : null,
				!"never".equalsIgnoreCase(environment.getProperty(SCHEMA)));
	}

	private static boolean isEnabled(Environment environment) {
		return environment.getProperty(ENABLED, Boolean.class, true);
	}

	/**
	 * Fails where properties at run time want something else. One that is not set wants
	 * nothing, except that locks are on unless they are switched off: to run without them
	 * must never come by surprise.
	 * @throws BuildTimeChoiceException if there is a difference
	 */
	void check(Environment environment) {
		if (isEnabled(environment) != this.enabled) {
			throw new BuildTimeChoiceException(ENABLED, String.valueOf(this.enabled), String.valueOf(!this.enabled));
		}
		String wanted = environment.getProperty(DRIVER);
		if (this.enabled && StringUtils.hasText(wanted) && !wanted.equalsIgnoreCase(this.driver)) {
			throw new BuildTimeChoiceException(DRIVER, this.driver, wanted);
		}
		String schemaWanted = environment.getProperty(SCHEMA);
		if (this.enabled && "jdbc".equalsIgnoreCase(this.driver) && !this.schema && StringUtils.hasText(schemaWanted)
				&& !schemaWanted.equalsIgnoreCase("never")) {
			throw new BuildTimeChoiceException(SCHEMA, "never", schemaWanted);
		}
	}

	/**
	 * For the code that is generated.
	 */
	static void check(Environment environment, boolean enabled, @Nullable String driver, boolean schema) {
		new BuildTimeChoice(enabled, driver, schema).check(environment);
	}

}
