package org.dragonflow.lock.cloud;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.autoconfigure.DragonflowLockProperties;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.LockEngine;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * Lets the engine have the settings that the environment has now. Spring Cloud itself
 * binds only what can be changed in place, and these properties are a record.
 */
final class SettingsRebinder implements ApplicationListener<EnvironmentChangeEvent> {

	private static final Log logger = LogFactory.getLog(SettingsRebinder.class);

	private final LockEngine engine;

	private final Environment environment;

	SettingsRebinder(LockEngine engine, Environment environment) {
		this.engine = engine;
		this.environment = environment;
	}

	/**
	 * Binds anew, whichever keys have changed: a value may be made of others.
	 */
	@Override
	public void onApplicationEvent(EnvironmentChangeEvent event) {
		EngineSettings before = this.engine.settings();
		EngineSettings after;
		try {
			after = Binder.get(this.environment)
				.bindOrCreate("dragonflow.lock", DragonflowLockProperties.class)
				.toEngineSettings(before.instance());
		}
		catch (RuntimeException ex) {
			// Others want to hear of the change, too.
			logger.error("The new settings of the lock are not valid, so those before go on: " + before, ex);
			return;
		}
		if (!after.namespace().equals(before.namespace())) {
			logger.warn("The namespace '" + after.namespace() + "' takes effect at the next start");
		}
		EngineSettings changed = new EngineSettings(before.namespace(), before.instance(), after.lease(),
				after.waitTime(), after.maxHold(), after.handOver(), after.warnAfter());
		if (!changed.equals(before)) {
			this.engine.changeSettings(changed);
			logger.info("The settings of the lock have changed from " + before + " to " + changed);
		}
	}

}
