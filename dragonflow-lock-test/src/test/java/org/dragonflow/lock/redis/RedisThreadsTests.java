package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.faults.ScarceThreads;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of a driver when the system has no more threads for it, or for its client.
 */
class RedisThreadsTests extends RedisTest {

	private final RedisServer server = RedisServer.shared();

	private final RedisKeys keys = new RedisKeys(RedisClients.PREFIX);

	private final ScarceThreads threads = new ScarceThreads();

	private final AtomicBoolean clientWithoutThread = new AtomicBoolean();

	@Test
	void aListenerWhoseThreadCouldNotBeStartedListensAtTheNextWait() {
		HandOverListener listener = listener();
		this.threads.without(1);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> listener.listen(PATIENCE))
			.withMessageContaining("thread")
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isFalse());
		assertThat(listener.isListening()).as("listening without a thread").isFalse();
		listener.listen(PATIENCE);
		assertThat(listener.isListening()).as("listening after the next wait").isTrue();
		listener.close();
	}

	@Test
	void aListenerWhoseClientFoundNoThreadTriesOn() {
		HandOverListener listener = listener();
		this.clientWithoutThread.set(true);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> listener.listen(PATIENCE));
		await("it listens").until(listener::isListening);
		listener.close();
	}

	@Test
	void aRequestForWhichTheClientFoundNoThreadDoesNotHoldUpTheNext() throws Exception {
		LockDriver driver = this.clients.driver(factory());
		this.clientWithoutThread.set(true);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> driver.acquire(attempt(this.key)));
		takeAndRelease(driver, this.key);
	}

	@Test
	void aNodeWhoseThreadCouldNotBeStartedIsConnectedAtTheNextRequest() {
		RedlockNode node = new RedlockNode(factory(), this.keys, this.threads.without(1));
		assertThat(look(node)).as("the answer without a thread").isCompletedExceptionally();
		assertThat(look(node)).as("the answer to the next request").succeedsWithin(PATIENCE);
	}

	@Test
	void aNodeWhoseClientFoundNoThreadIsConnectedAtTheNextRequest() {
		RedlockNode node = new RedlockNode(factory(), this.keys, this.threads);
		this.clientWithoutThread.set(true);
		assertThat(look(node)).as("the answer without a connection").failsWithin(Duration.ofSeconds(10));
		assertThat(look(node)).as("the answer to the next request").succeedsWithin(PATIENCE);
	}

	private CompletableFuture<List<Object>> look(RedlockNode node) {
		return node.ask((scripts) -> scripts.look(this.key), PATIENCE);
	}

	private HandOverListener listener() {
		return new HandOverListener(NodeConnections.of(factory(), null), this.keys.channel(this.key.name()),
				new WaiterRegistry(), this.threads);
	}

	private LettuceConnectionFactory factory() {
		return this.clients.started(new LettuceConnectionFactory(RedisClients.at(this.server.port())) {

			@Override
			public RedisConnection getConnection() {
				if (RedisThreadsTests.this.clientWithoutThread.getAndSet(false)) {
					throw new OutOfMemoryError("unable to create native thread");
				}
				return super.getConnection();
			}

		});
	}

}
