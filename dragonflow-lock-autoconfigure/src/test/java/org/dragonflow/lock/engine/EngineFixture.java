package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * An engine over a driver that fails on demand, and a second client of the same store:
 * the other instances.
 */
final class EngineFixture implements AutoCloseable {

	static final String NAMESPACE = "engine-tests";

	final LocalLockDriver others = new LocalLockDriver();

	final FaultyDriver driver = new FaultyDriver(this.others.newClient());

	final List<LockEvent> events = new CopyOnWriteArrayList<>();

	final RecordingObserver observer = new RecordingObserver();

	final LockEngine engine;

	EngineFixture(Duration lease) {
		this(lease, null, null);
	}

	EngineFixture(Duration lease, @Nullable Duration waitTime, @Nullable Duration maxHold) {
		this(lease, waitTime, maxHold, HandOver.NONE);
	}

	EngineFixture(Duration lease, HandOver handOver) {
		this(lease, null, null, handOver);
	}

	private EngineFixture(Duration lease, @Nullable Duration waitTime, @Nullable Duration maxHold, HandOver handOver) {
		this.engine = new LockEngine(this.driver,
				new EngineSettings(NAMESPACE, EngineSettings.newInstanceName(), lease, waitTime, maxHold, handOver),
				this.events::add, Transactions.NONE, List.of(this.observer), ThreadSource.PLATFORM);
	}

	static LockKey key(String objectId) {
		return new LockKey(NAMESPACE, objectId);
	}

	boolean isFreeForOthers(String objectId) {
		return this.others.look(key(objectId)) == null;
	}

	/**
	 * Another instance takes the lock, for a long time.
	 */
	LockAttempt takenByAnother(String objectId) {
		LockAttempt attempt = new LockAttempt(key(objectId), "another-" + System.nanoTime(), Duration.ofMinutes(10),
				org.dragonflow.lock.spi.Deadline.in(Duration.ZERO));
		try {
			if (this.others.acquire(attempt) == null) {
				throw new AssertionError("'" + objectId + "' was not free for the other instance");
			}
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
		return attempt;
	}

	@Override
	public void close() {
		this.engine.close();
		this.others.close();
	}

}
