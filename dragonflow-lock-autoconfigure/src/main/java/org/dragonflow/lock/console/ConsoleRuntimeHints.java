package org.dragonflow.lock.console;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image must keep for the console: the files of the page, which are asked
 * for by name, and what becomes JSON.
 */
final class ConsoleRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		for (String type : new String[] { "html", "js", "css", "svg" }) {
			hints.resources().registerPattern("org/dragonflow/lock/console/*." + type);
		}
		new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(), ConsoleReport.class,
				StoreLooks.Answer.class);
	}

}
