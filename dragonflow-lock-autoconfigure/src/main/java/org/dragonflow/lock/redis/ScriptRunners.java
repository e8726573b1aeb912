package org.dragonflow.lock.redis;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.ClassUtils;

/**
 * Chooses the way to send scripts.
 */
final class ScriptRunners {

	private static final boolean LETTUCE = ClassUtils.isPresent("io.lettuce.core.RedisClient",
			ScriptRunners.class.getClassLoader());

	private ScriptRunners() {
	}

	static ScriptRunner of(RedisConnectionFactory factory) {
		// Without the library, not even the question may be asked.
		return (LETTUCE && factory instanceof LettuceConnectionFactory lettuce) ? new LettuceScriptRunner(lettuce)
				: new ConnectionScriptRunner(factory);
	}

}
