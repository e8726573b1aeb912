package org.dragonflow.lock.autoconfigure;

import java.util.Comparator;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells which driver to choose, or what the chosen one lacks.
 */
final class NoLockDriverFailureAnalyzer extends AbstractFailureAnalyzer<NoLockDriverException> {

	private static final String OWN_DRIVER = "A driver of your own is a bean of type org.dragonflow.lock.spi.LockDriver.";

	private final ConfigurableListableBeanFactory beanFactory;

	NoLockDriverFailureAnalyzer(BeanFactory beanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, NoLockDriverException cause) {
		String name = cause.getDriver();
		if (name == null) {
			return new FailureAnalysis(
					"No driver is chosen for the distributed lock: dragonflow.lock.driver is not set,"
							+ " and there is no LockDriver bean.",
					"Set dragonflow.lock.driver to one of:" + choices() + OWN_DRIVER, cause);
		}
		KnownDriver driver = find(name);
		return (driver != null) ? notUsable(driver, cause) : unknown(name, cause);
	}

	private FailureAnalysis unknown(String name, NoLockDriverException cause) {
		KnownDriver similar = KnownDriver.ALL.stream()
			.min(Comparator.comparingInt((known) -> distance(known.name(), name.toLowerCase())))
			.filter((known) -> distance(known.name(), name.toLowerCase()) <= 2)
			.orElse(null);
		String hint = (similar != null) ? "Did you mean '" + similar.name() + "'? " : "";
		return new FailureAnalysis(
				"The driver 'dragonflow.lock.driver=" + name + "' is not known, and there is no LockDriver bean.",
				hint + "Set dragonflow.lock.driver to one of:" + choices() + "If '" + name
						+ "' is a driver of another library, check that the library is on the class path and that its"
						+ " auto-configuration is for that name. " + OWN_DRIVER,
				cause);
	}

	private FailureAnalysis notUsable(KnownDriver driver, NoLockDriverException cause) {
		KnownDriver.Lack lack = driver.lack(this.beanFactory);
		String problem = (lack != null) ? lack.problem() : "its auto-configuration did not apply";
		String remedy = (lack != null) ? lack.remedy() : "check that it is not excluded (--debug tells the conditions)";
		return new FailureAnalysis(
				"The driver 'dragonflow.lock.driver=" + driver.name() + "' cannot be used: " + problem + ".",
				"To use it, " + remedy + ". Or choose another driver.", cause);
	}

	private String choices() {
		return KnownDriver.ALL.stream().map(this::choice).collect(Collectors.joining("\n", "\n", "\n"));
	}

	private String choice(KnownDriver driver) {
		KnownDriver.Lack lack = driver.lack(this.beanFactory);
		return "    - " + driver.name() + ((lack != null) ? " (to use it, " + lack.remedy() + ")" : " (usable now)");
	}

	private static @Nullable KnownDriver find(String name) {
		return KnownDriver.ALL.stream().filter((driver) -> driver.name().equals(name)).findFirst().orElse(null);
	}

	/**
	 * How many letters differ (Levenshtein).
	 */
	private static int distance(String one, String other) {
		int[] previous = new int[other.length() + 1];
		for (int j = 0; j <= other.length(); j++) {
			previous[j] = j;
		}
		for (int i = 1; i <= one.length(); i++) {
			int[] current = new int[other.length() + 1];
			current[0] = i;
			for (int j = 1; j <= other.length(); j++) {
				int replaced = previous[j - 1] + ((one.charAt(i - 1) != other.charAt(j - 1)) ? 1 : 0);
				current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
			}
			previous = current;
		}
		return previous[other.length()];
	}

}
