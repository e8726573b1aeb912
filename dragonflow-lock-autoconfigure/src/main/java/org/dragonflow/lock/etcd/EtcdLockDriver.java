package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.KeyValue;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.LockThreads;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Keeps locks in etcd. The keys of a lock stand in line, the first one holds it, and each
 * waiter looks again when the key before its own has gone. All keys of one lease duration
 * live as long as one lease of etcd, which this driver keeps alive.
 */
public final class EtcdLockDriver implements LockDriver {

	private final Client client;

	private final boolean closesClient;

	private final EtcdCalls calls;

	private final EtcdKeys keys;

	private final LockQueue line;

	private final Sightings sightings = new Sightings();

	private final ScheduledThreadPoolExecutor timer;

	private final Places places;

	private final StandingWatch watch;

	private final Waiting waiting;

	private final ManyPlaces many;

	private final Renewals renewals;

	EtcdLockDriver(Client client, boolean closesClient, EtcdLockSettings settings, ThreadFactory threads) {
		this.client = client;
		this.closesClient = closesClient;
		this.calls = new EtcdCalls(client, settings.timeout());
		this.keys = new EtcdKeys(settings.keyPrefix());
		this.line = new LockQueue(this.calls);
		// Nothing that it does waits for etcd.
		this.timer = new ScheduledThreadPoolExecutor(1, threads);
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		// Where there is no thread, that is told now, and not in the midst of a session.
		this.timer.prestartCoreThread();
		Turns turns = new Turns();
		this.places = new Places(this.calls, this.keys, this.line, turns, this.timer);
		this.watch = new StandingWatch(this.calls, this.keys.prefix(), this.timer, this.places::deleted,
				turns::wakeAll);
		this.waiting = new Waiting(this.keys, this.line, turns, this.places, this.watch);
		this.many = new ManyPlaces(this.keys, this.line, this.places, this.watch);
		this.renewals = new Renewals(this.line, this.places, this.watch);
	}

	/**
	 * A driver that shares a client with its application.
	 * @param client a client of etcd; not closed with the driver. It should not wait for
	 * a connection ({@code waitForReady(false)}), or an etcd that is down is told as one
	 * that does not answer.
	 * @param settings the settings
	 * @return the driver
	 */
	public static EtcdLockDriver with(Client client, EtcdLockSettings settings) {
		return new EtcdLockDriver(client, false, settings, LockThreads.named("etcd"));
	}

	/**
	 * A driver with a client of its own, which is closed with the driver.
	 * @param client where etcd is, and who asks. How the client connects and tries again
	 * is set here, so that no call takes longer than the settings' timeout.
	 * @param settings the settings
	 * @return the driver
	 */
	public static EtcdLockDriver owning(ClientBuilder client, EtcdLockSettings settings) {
		Duration timeout = settings.timeout();
		Client own = client.copy()
			// A server that is down is told at once, rather than waited for.
			.waitForReady(false)
			.connectTimeout(timeout)
			// etcd takes pings each five seconds at most.
			.keepaliveTime(Duration.ofSeconds(10))
			.keepaliveTimeout(timeout)
			.retryDelay(50)
			.retryMaxDelay(500)
			.retryMaxAttempts(2)
			.build();
		try {
			return new EtcdLockDriver(own, true, settings, LockThreads.named("etcd"));
		}
		catch (Throwable ex) {
			own.close();
			throw ex;
		}
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.places.onLoss(listener);
	}

	@Override
	public void onRevocation(Consumer<Hold> listener) {
		this.places.onRevocation(listener);
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		return this.waiting.acquire(attempt);
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		return this.many.take(attempts);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		return this.renewals.renew(holds);
	}

	@Override
	public boolean release(Hold hold) {
		Place place = this.places.find(hold);
		if (place == null) {
			// Not of this driver, or not known to be: the owner in the key tells.
			return this.line.leave(this.keys.key(hold), 0);
		}
		this.places.takeOut(place);
		try {
			boolean released = this.line.leave(place.key(), place.revision());
			this.places.left(place);
			return released;
		}
		catch (LockStoreException ex) {
			this.places.abandon(place);
			throw ex;
		}
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		return this.many.release(holds);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		String action = "look at " + key;
		KeyValue first = this.line.first(this.keys.queue(key), action);
		if (first == null) {
			return null;
		}
		long remaining = this.calls.await(action, this.calls.lookAtLease(first.getLease(), false)).getTTL();
		if (remaining < 0) {
			return null;
		}
		Hold hold = new Hold(key, this.keys.owner(key, EtcdKeys.text(first.getKey())));
		return new LockRecord(hold, first.getCreateRevision(), this.sightings.age(first.getCreateRevision()),
				Duration.ofSeconds(remaining));
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return this.line.revoke(this.keys.queue(hold.key()), this.keys.key(hold), this.keys.askedFor(hold));
	}

	@Override
	public void close() {
		if (this.places.isClosed()) {
			return;
		}
		this.watch.close();
		this.places.close();
		this.timer.shutdownNow();
		if (this.closesClient) {
			this.client.close();
		}
	}

}
