package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRevocationEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image has to keep, because it is only found by name: the events, which
 * the conditions of listeners read, and the classes that tell which libraries there are.
 */
final class LockRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.reflection()
			.registerType(LockEvent.class, MemberCategory.INVOKE_PUBLIC_METHODS)
			.registerType(LockLostEvent.class, MemberCategory.INVOKE_PUBLIC_METHODS)
			.registerType(LockRevocationEvent.class, MemberCategory.INVOKE_PUBLIC_METHODS);
		// Virtual threads are made by name, as the library is compiled for Java 17.
		hints.reflection().registerType(Thread.class, MemberCategory.INVOKE_PUBLIC_METHODS);
		hints.reflection()
			.registerTypeIfPresent(classLoader, "java.lang.Thread$Builder$OfVirtual",
					MemberCategory.INVOKE_PUBLIC_METHODS);
		for (KnownDriver driver : KnownDriver.ALL) {
			registerName(hints, classLoader, driver.library());
			registerName(hints, classLoader, driver.bean());
		}
	}

	private static void registerName(RuntimeHints hints, @Nullable ClassLoader classLoader, @Nullable String name) {
		if (name != null) {
			hints.reflection().registerTypeIfPresent(classLoader, name);
		}
	}

	/**
	 * What the {@code jdbc} driver finds by name: the scripts for its table, the pool,
	 * and the client that can listen.
	 */
	static final class Jdbc implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.resources().registerPattern("org/dragonflow/lock/jdbc/schema-*.sql");
			registerName(hints, classLoader, "com.zaxxer.hikari.HikariDataSource");
			registerName(hints, classLoader, "org.postgresql.PGConnection");
		}

	}

	/**
	 * What the {@code redis} driver finds by name: its scripts, and the client.
	 */
	static final class Redis implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.resources().registerPattern("org/dragonflow/lock/redis/*.lua");
			registerName(hints, classLoader, "io.lettuce.core.RedisClient");
		}

	}

}
