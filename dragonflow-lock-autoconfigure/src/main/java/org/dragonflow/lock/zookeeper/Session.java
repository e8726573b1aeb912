package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.dragonflow.lock.spi.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The client's session, and until when the servers surely keep it.
 * <p>
 * The servers end a session when they have not heard of it for its timeout. The client's
 * library tells neither when they last did, nor in time that they do not any more. So
 * this asks: ten times in each timeout it sends a request that goes through the leader,
 * in place of the library's own pings, which are sent only when nothing else is. The time
 * counts from when an answered request was <em>sent</em>.
 * <p>
 * A third of the timeout is given up, because a server that is not the leader lets the
 * leader know of its sessions only every half tick, and may crash before it does. The
 * shortest timeout is two ticks, so a quarter is for that, and a tenth for the pause
 * between two requests.
 */
final class Session implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Session.class);

	private static final int BEATS_PER_TIMEOUT = 10;

	private static final long PAUSE_WITHOUT_SESSION = TimeUnit.MILLISECONDS.toNanos(500);

	private final CuratorFramework client;

	private final String path;

	private final Requests requests;

	private final LongConsumer onEnd;

	private final ScheduledThreadPoolExecutor timer;

	private final ConnectionStateListener listener = this::stateChanged;

	private final AtomicBoolean asking = new AtomicBoolean();

	private final AtomicReference<@Nullable Confirmed> confirmed = new AtomicReference<>();

	private final AtomicReference<CompletableFuture<@Nullable Void>> change = new AtomicReference<>(
			new CompletableFuture<>());

	private volatile long lastAnswered;

	private volatile boolean closed;

	/**
	 * Starts to watch over the session.
	 * @param path any path that the client may name
	 * @param onEnd told the id of a session that has ended
	 */
	Session(CuratorFramework client, String path, Requests requests, LongConsumer onEnd, ThreadFactory threads) {
		this.client = client;
		this.path = path;
		this.requests = requests;
		this.onEnd = onEnd;
		this.timer = new ScheduledThreadPoolExecutor(1, threads);
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		// May fail. The client may be another's, and is to tell nothing to what was never
		// there.
		this.timer.prestartCoreThread();
		client.getConnectionStateListenable().addListener(this.listener);
		this.timer.execute(this::tick);
	}

	/**
	 * The session, once it is there and the servers have answered lately.
	 * @param patience how long to wait for that
	 * @throws KeeperException if that is in vain
	 */
	Confirmed await(Duration patience) throws KeeperException {
		Deadline deadline = Deadline.in(patience);
		while (true) {
			CompletableFuture<@Nullable Void> next = this.change.get();
			Confirmed present = this.confirmed.get();
			if (present != null && present.isUsable()) {
				return present;
			}
			refuseWithoutHope();
			if (deadline.hasPassed()) {
				throw new KeeperException.OperationTimeoutException();
			}
			pause(next, Math.min(deadline.remainingNanos(), PAUSE_WITHOUT_SESSION));
		}
	}

	/**
	 * The session as last confirmed, or null if there is none.
	 */
	@Nullable Confirmed last() {
		return this.confirmed.get();
	}

	private void refuseWithoutHope() throws KeeperException {
		if (this.closed || this.client.getState() == CuratorFrameworkState.STOPPED) {
			throw new KeeperException.OperationTimeoutException();
		}
		ZooKeeper present = present();
		if (present != null && present.getState() == ZooKeeper.States.AUTH_FAILED) {
			throw new KeeperException.AuthFailedException();
		}
	}

	private void pause(CompletableFuture<?> next, long nanos) {
		// To the end also through an interrupt: a caller who waits for a lock looks at
		// the flag when it waits for that.
		try {
			next.copy().completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS).join();
		}
		catch (RuntimeException ex) {
			logger.debug("The wait for a session was disturbed", ex);
		}
	}

	private void tick() {
		try {
			ask();
		}
		finally {
			this.timer.schedule(this::tick, pauseNanos(), TimeUnit.NANOSECONDS);
		}
	}

	private long pauseNanos() {
		Confirmed present = this.confirmed.get();
		return (present != null) ? Math.min(present.beat().toNanos(), PAUSE_WITHOUT_SESSION * 16)
				: PAUSE_WITHOUT_SESSION;
	}

	private void ask() {
		if (!this.client.getZookeeperClient().isConnected()) {
			// Asking for the handle then would fill the log; a new connection is told.
			return;
		}
		ZooKeeper present = present();
		if (present == null || !present.getState().isConnected() || !this.asking.compareAndSet(false, true)) {
			return;
		}
		long id = present.getSessionId();
		Duration timeout = Duration.ofMillis(present.getSessionTimeout());
		long sent = System.nanoTime();
		// Not a read, which a server answers that is cut off from the others.
		this.requests.sync(present, this.path).whenComplete((answer, failure) -> {
			this.asking.set(false);
			if (failure == null) {
				answered(new Confirmed(present, id, timeout, sent));
			}
		});
	}

	private void answered(Confirmed answer) {
		Confirmed before = this.confirmed.get();
		boolean another = before == null || before.id() != answer.id();
		// After a silence the first answer is not enough: it may come from a leader that
		// was stopped for as long, and does not yet know that there is another.
		boolean continuous = answer.sentNanoTime() - this.lastAnswered <= 3 * answer.beat().toNanos();
		this.lastAnswered = answer.sentNanoTime();
		if (another || continuous) {
			this.confirmed.set(answer);
			if (before != null && another) {
				this.onEnd.accept(before.id());
			}
			signal();
		}
	}

	private void signal() {
		CompletableFuture<@Nullable Void> told = this.change.getAndSet(new CompletableFuture<>());
		told.complete(null);
	}

	private void stateChanged(CuratorFramework source, ConnectionState state) {
		switch (state) {
			case CONNECTED, RECONNECTED -> this.timer.execute(this::ask);
			case LOST -> {
				Confirmed ended = this.confirmed.getAndSet(null);
				if (ended != null) {
					this.onEnd.accept(ended.id());
				}
			}
			// A suspended connection asks for nothing: the time counts down anyway.
			default -> {
			}
		}
	}

	private @Nullable ZooKeeper present() {
		try {
			return this.client.getZookeeperClient().getZooKeeper();
		}
		catch (Exception ex) {
			// Not started yet, closed already, or not connected for too long.
			logger.trace("There is no session", ex);
			return null;
		}
	}

	@Override
	public void close() {
		this.closed = true;
		this.client.getConnectionStateListenable().removeListener(this.listener);
		this.timer.shutdownNow();
		signal();
	}

	/**
	 * A session that the servers knew when they were asked.
	 *
	 * @param client the library's handle for exactly this session
	 * @param id the session's id
	 * @param timeout as the servers have granted it
	 * @param sentNanoTime when they were asked
	 */
	record Confirmed(ZooKeeper client, long id, Duration timeout, long sentNanoTime) {

		Deadline validUntil() {
			return Deadline.ofLease(this.sentNanoTime, this.timeout.multipliedBy(13).dividedBy(20));
		}

		Duration beat() {
			return this.timeout.dividedBy(BEATS_PER_TIMEOUT);
		}

		boolean isUsable() {
			return this.client.getState().isConnected() && !validUntil().hasPassed();
		}

	}

}
