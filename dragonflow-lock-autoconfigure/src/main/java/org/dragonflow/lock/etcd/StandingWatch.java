package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The one watch of this client, on the deletions of all locks' keys. It begins with the
 * first attempt and always at the present: a watch that begins in the past is served by
 * etcd from a loop that runs every 100 ms. Where it breaks, a new one is begun, and
 * whoever waits looks again once that stands.
 */
final class StandingWatch {

	private static final Log logger = LogFactory.getLog(StandingWatch.class);

	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);

	// So long may a member of etcd that hangs, or is cut off, keep releases from us.
	private static final Duration PROBE_INTERVAL = Duration.ofSeconds(2);

	private final EtcdCalls calls;

	private final String prefix;

	private final ScheduledExecutorService timer;

	private final BiConsumer<String, Long> onDeleted;

	private final Runnable onGap;

	private final AtomicReference<@Nullable Stand> current = new AtomicReference<>();

	private volatile boolean closed;

	/**
	 * A watch that has not begun.
	 * @param calls where to watch
	 * @param prefix what the keys begin with
	 * @param timer for what is done later
	 * @param onDeleted takes a deleted key, and the revision of its deletion
	 * @param onGap told when deletions may have been missed
	 */
	StandingWatch(EtcdCalls calls, String prefix, ScheduledExecutorService timer, BiConsumer<String, Long> onDeleted,
			Runnable onGap) {
		this.calls = calls;
		this.prefix = prefix;
		this.timer = timer;
		this.onDeleted = onDeleted;
		this.onGap = onGap;
	}

	/**
	 * Begins the watch unless it has begun. Does not wait until it stands.
	 * @return what is told of all deletions from now on if it stands already, else null
	 */
	@Nullable Object begin() {
		Stand stand = this.current.get();
		if (stand == null) {
			Stand first = new Stand(false);
			if (this.current.compareAndSet(null, first)) {
				first.begin();
			}
			return null;
		}
		return stand.isStanding() ? stand : null;
	}

	/**
	 * Whether a watch that has stood before still stands, so that nothing was missed.
	 */
	boolean isStill(@Nullable Object stand) {
		return stand != null && stand == this.current.get();
	}

	/**
	 * Waits until the watch stands.
	 * @return what to ask {@link #isStill} about; null if the deadline has passed before
	 * @throws LockStoreException if it does not stand within the timeout
	 */
	@Nullable Object await(Deadline until) throws InterruptedException {
		Deadline deadline = until.orEarlier(Deadline.in(this.calls.timeout()));
		while (!this.closed) {
			Stand stand = this.current.get();
			try {
				if (stand != null) {
					stand.standing.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
					return stand;
				}
			}
			catch (ExecutionException ex) {
				// Another one is begun soon.
				TimeUnit.MILLISECONDS.sleep(10);
			}
			catch (TimeoutException ex) {
				if (until.hasPassed()) {
					return null;
				}
				throw LockStoreException.unreachable("Could not watch for released locks: etcd did not answer within "
						+ this.calls.timeout().toMillis() + " ms", ex);
			}
			if (deadline.hasPassed()) {
				throw LockStoreException.unreachable("Could not watch for released locks", null);
			}
		}
		return null;
	}

	void close() {
		this.closed = true;
		Stand stand = this.current.get();
		if (stand != null) {
			stand.end();
		}
	}

	/**
	 * One watch, until it breaks.
	 */
	private final class Stand implements Watch.Listener {

		private final boolean afterAnother;

		private final CompletableFuture<Boolean> standing = new CompletableFuture<>();

		private volatile Watch.@Nullable Watcher watcher;

		private volatile boolean answered = true;

		Stand(boolean afterAnother) {
			this.afterAnother = afterAnother;
		}

		void begin() {
			WatchOption option = WatchOption.builder()
				.isPrefix(true)
				.withNoPut(true)
				.withCreateNotify(true)
				// A member that is cut off from the others says so.
				.withRequireLeader(true)
				.build();
			try {
				// The client's call may block for a moment, for it has a monitor.
				this.watcher = StandingWatch.this.calls.watch(StandingWatch.this.prefix, option, this);
				if (StandingWatch.this.closed || StandingWatch.this.current.get() != this) {
					end();
				}
				later(this::probe, PROBE_INTERVAL);
				later(() -> {
					if (!this.standing.isDone()) {
						onError(new TimeoutException("etcd did not begin the watch"));
					}
				}, StandingWatch.this.calls.timeout());
			}
			catch (Throwable ex) {
				// Also where the client finds no thread: nobody else would begin another.
				onError(ex);
			}
		}

		boolean isStanding() {
			return this.standing.isDone() && !this.standing.isCompletedExceptionally();
		}

		@Override
		public void onNext(WatchResponse response) {
			this.answered = true;
			StandingWatch.this.calls.heardOf(response.getHeader().getRaftTerm());
			if (response.isCreatedNotify() && this.standing.complete(true) && this.afterAnother) {
				StandingWatch.this.onGap.run();
			}
			for (WatchEvent event : response.getEvents()) {
				if (event.getEventType() == WatchEvent.EventType.DELETE) {
					StandingWatch.this.onDeleted.accept(EtcdKeys.text(event.getKeyValue().getKey()),
							event.getKeyValue().getModRevision());
				}
			}
		}

		@Override
		public void onError(Throwable ex) {
			this.standing.completeExceptionally(ex);
			Stand next = new Stand(true);
			// The client tells of one end twice.
			if (StandingWatch.this.current.compareAndSet(this, next)) {
				logger.debug("The watch for released locks has ended; beginning another", ex);
				later(this::end, Duration.ZERO);
				later(next::begin, PAUSE_AFTER_FAILURE);
			}
		}

		@Override
		public void onCompleted() {
			onError(new IllegalStateException("The watch was ended"));
		}

		/**
		 * Finds out whether the watch is alive: a connection may be silent for long.
		 */
		private void probe() {
			Watch.Watcher probed = this.watcher;
			if (StandingWatch.this.current.get() != this || probed == null) {
				return;
			}
			if (!this.answered) {
				onError(new TimeoutException("etcd did not answer on the watch"));
				return;
			}
			this.answered = false;
			try {
				probed.requestProgress();
			}
			catch (Throwable ex) {
				onError(ex);
				return;
			}
			later(this::probe, PROBE_INTERVAL);
		}

		private void end() {
			this.standing.completeExceptionally(new IllegalStateException("The watch was ended"));
			Watch.Watcher ended = this.watcher;
			if (ended != null) {
				ended.close();
			}
		}

		private void later(Runnable task, Duration pause) {
			if (!StandingWatch.this.closed) {
				StandingWatch.this.timer.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
			}
		}

	}

}
