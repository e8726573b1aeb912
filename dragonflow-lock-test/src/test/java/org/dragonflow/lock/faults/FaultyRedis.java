package org.dragonflow.lock.faults;

import java.time.Duration;

import org.dragonflow.lock.redis.RedisLockDriver;
import org.dragonflow.lock.redis.RedisLockSettings;
import org.dragonflow.lock.test.servers.RedisServer;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A server of Redis that writes each change to disk, so that a hold outlives its crash.
 */
final class FaultyRedis implements FaultyStore {

	private final RedisServer server = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");

	@Override
	public void prepare() {
		this.server.cli("FLUSHALL");
	}

	@Override
	public int port() {
		return this.server.port();
	}

	@Override
	public Client client(int port, Duration lease) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration("127.0.0.1", port), LettuceClientConfiguration.defaultConfiguration());
		factory.afterPropertiesSet();
		RedisLockSettings settings = new RedisLockSettings(RedisLockSettings.defaults().keyPrefix(), Client.TIMEOUT);
		return Client.start(new RedisLockDriver(factory, settings), factory::destroy, lease);
	}

	@Override
	public boolean isSilenceGivenUp() {
		// Lettuce has but one, and keeps it until the network or the server ends it.
		return false;
	}

	@Override
	public int records() {
		// All but the marks, which are there for later tokens.
		return (int) this.server.cli("KEYS", "*~*").lines().filter((key) -> !key.isBlank()).count();
	}

	@Override
	public void deleteRecords() {
		this.server.cli("FLUSHALL");
	}

	@Override
	public void stop() {
		this.server.stop();
	}

	@Override
	public void restart() {
		this.server.restart();
	}

	@Override
	public void kill() {
		this.server.kill();
	}

	@Override
	public void pause() {
		this.server.pause();
	}

	@Override
	public void resume() {
		this.server.resume();
	}

	@Override
	public void close() {
		this.server.close();
	}

}
