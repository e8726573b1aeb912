package org.dragonflow.lock.aop;

import java.time.Duration;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockKey;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/**
 * A real lock for the aspect, and another instance that wants the same.
 */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {

	@Bean
	Instances instances() {
		LocalLockDriver store = new LocalLockDriver();
		return new Instances(store, engine(store.newClient()), engine(store.newClient()));
	}

	@Bean
	@Primary
	LockEngine engine(Instances instances) {
		return instances.engine();
	}

	private static LockEngine engine(LocalLockDriver client) {
		return new LockEngine(client, new EngineSettings("aop-tests", EngineSettings.newInstanceName(),
				Duration.ofMinutes(1), null, null, HandOver.DEFAULT), (event) -> {
				});
	}

	/**
	 * This instance's engine, and another's.
	 */
	record Instances(LocalLockDriver store, LockEngine engine, LockEngine other) implements AutoCloseable {

		boolean isHeld(String objectId) {
			return this.store.look(new LockKey("aop-tests", objectId)) != null;
		}

		@Override
		public void close() {
			this.other.close();
			this.store.close();
		}

	}

}
