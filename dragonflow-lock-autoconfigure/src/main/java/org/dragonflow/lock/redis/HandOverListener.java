package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.MessageListener;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.Subscription;
import org.springframework.data.redis.connection.SubscriptionListener;

/**
 * Listens to one channel at one server, from the first waiter on until it is closed.
 * Lettuce connects again by itself; for any other client this does it.
 */
final class HandOverListener implements MessageListener, SubscriptionListener {

	private static final Log logger = LogFactory.getLog(HandOverListener.class);

	private static final long SHORTEST_PAUSE_MILLIS = 50;

	private final NodeConnections connections;

	private final byte[] channel;

	private final WaiterRegistry waiters;

	private final ThreadFactory threads;

	private final ReentrantLock lock = new ReentrantLock();

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile CompletableFuture<Void> subscribed = new CompletableFuture<>();

	private volatile @Nullable RedisConnection connection;

	private boolean running;

	private int failures;

	/**
	 * Creates a listener.
	 * @param connections to where it is to listen; closed with it
	 */
	HandOverListener(NodeConnections connections, byte[] channel, WaiterRegistry waiters) {
		this(connections, channel, waiters, LockThreads.named("listener"));
	}

	HandOverListener(NodeConnections connections, byte[] channel, WaiterRegistry waiters, ThreadFactory threads) {
		this.connections = connections;
		this.channel = channel;
		this.waiters = waiters;
		this.threads = threads;
	}

	/**
	 * Where a server is to tell waiters.
	 */
	byte[] channel() {
		return this.channel;
	}

	/**
	 * Whether a waiter can be told of anything already.
	 */
	boolean isListening() {
		CompletableFuture<Void> present = this.subscribed;
		return this.closed.getCount() > 0 && present.isDone() && !present.isCompletedExceptionally();
	}

	/**
	 * Begins to listen, and returns when the server has confirmed that.
	 */
	void listen(Duration timeout) {
		CompletableFuture<Void> awaited;
		this.lock.lock();
		try {
			if (!this.running) {
				LockThreads.start(this.threads, this::run);
				// Not before, for the system may have no more threads.
				this.running = true;
			}
			if (this.subscribed.isCompletedExceptionally()) {
				// Of an earlier attempt; another is under way.
				this.subscribed = new CompletableFuture<>();
			}
			awaited = this.subscribed;
		}
		finally {
			this.lock.unlock();
		}
		Answers.await(awaited, timeout, "listen to what the server tells waiters");
	}

	private void run() {
		while (this.closed.getCount() > 0) {
			try (RedisConnection listening = this.connections.factory().getConnection()) {
				this.connection = listening;
				// Jedis stays in here; Lettuce returns and listens on.
				listening.subscribe(this, this.channel);
				if (listening.isSubscribed()) {
					this.closed.await();
				}
			}
			catch (InterruptedException ex) {
				return;
			}
			catch (Throwable ex) {
				// Also where the client finds no thread: without this one, whoever waits
				// would be told of nothing any more.
				if (this.closed.getCount() > 0) {
					LockThreads.step(() -> failed(ex), (again) -> pause());
				}
			}
			finally {
				this.connection = null;
			}
		}
	}

	private void failed(Throwable ex) {
		this.lock.lock();
		try {
			if (!this.subscribed.completeExceptionally(ex)) {
				this.subscribed = CompletableFuture.failedFuture(ex);
			}
		}
		finally {
			this.lock.unlock();
		}
		// As long as nobody is told of anything, everybody has to look.
		this.waiters.lookAgain();
		if (this.failures++ == 0) {
			logger.warn("Cannot listen to what Redis tells waiters; trying again", ex);
		}
		pause();
	}

	private void pause() {
		try {
			long longest = SHORTEST_PAUSE_MILLIS << Math.min(this.failures, 5);
			if (this.closed.await(ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE_MILLIS, longest + 1),
					TimeUnit.MILLISECONDS)) {
				logger.debug("Closed while there was no connection to listen on");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void onMessage(Message message, byte @Nullable [] pattern) {
		HandOver handOver = HandOver.parse(message.getBody());
		if (handOver != null) {
			this.waiters.handedOver(handOver);
		}
	}

	@Override
	public void onChannelSubscribed(byte[] subscribedTo, long count) {
		this.failures = 0;
		this.lock.lock();
		try {
			if (!this.subscribed.complete(null) && this.subscribed.isCompletedExceptionally()) {
				this.subscribed = CompletableFuture.completedFuture(null);
			}
		}
		finally {
			this.lock.unlock();
		}
		// What was told before, nobody has heard.
		this.waiters.lookAgain();
	}

	void close() {
		this.closed.countDown();
		RedisConnection listening = this.connection;
		Subscription subscription = (listening != null) ? listening.getSubscription() : null;
		if (subscription != null && subscription.isAlive()) {
			try {
				subscription.close();
			}
			catch (RuntimeException ex) {
				logger.debug("The connection to listen on was broken", ex);
			}
		}
		this.connections.close().run();
	}

}
