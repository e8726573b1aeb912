package org.dragonflow.lock.engine.line;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.LockObserver.WaitScope;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * What one thread wants: which locks, for whom, and how it waits for them.
 */
public final class Request implements LockWait {

	private final List<LockKey> keys;

	private final Duration lease;

	private final Deadline waitUntil;

	private final @Nullable Thread owner;

	private final boolean interruptible;

	private final @Nullable String label;

	private final Set<LockRequest.Option> options;

	private final Thread thread = Thread.currentThread();

	private final long sinceNanoTime = System.nanoTime();

	private volatile int granted;

	private volatile long ageNanos = -1;

	// Which observers have been told that it waits. By this thread.
	private long toldTo;

	private @Nullable Map<LockObserver, WaitScope> scopes;

	/**
	 * @param keys what is wanted, in the order that all requests have in common
	 * @param owner the thread that will own the locks, null if a handle will
	 * @param interruptible whether an interrupt ends the wait; if not, the thread's flag
	 * is set when it is over
	 */
	public Request(List<LockKey> keys, Duration lease, Deadline waitUntil, @Nullable Thread owner,
			boolean interruptible, @Nullable String label, Set<LockRequest.Option> options) {
		this.keys = keys;
		this.lease = lease;
		this.waitUntil = waitUntil;
		this.owner = owner;
		this.interruptible = interruptible;
		this.label = label;
		this.options = options;
	}

	public Request of(List<LockKey> some) {
		return (some.size() != this.keys.size()) ? new Request(some, this.lease, this.waitUntil, this.owner,
				this.interruptible, this.label, this.options) : this;
	}

	/**
	 * Takes a step that waits. Where an interrupt does not end the wait, the step is
	 * taken up again after one.
	 */
	public <T extends @Nullable Object> T await(WaitingStep<T> step) throws InterruptedException {
		if (this.interruptible) {
			return step.run();
		}
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return step.run();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	public void granted(int count) {
		this.granted = Math.min(count, this.keys.size() - 1);
	}

	long sinceNanoTime() {
		return this.sinceNanoTime;
	}

	void end() {
		this.ageNanos = System.nanoTime() - this.sinceNanoTime;
	}

	void opened(LockObserver observer, WaitScope scope) {
		this.scopes = (this.scopes != null) ? this.scopes : new LinkedHashMap<>();
		this.scopes.put(observer, scope);
	}

	Collection<WaitScope> scopes() {
		return (this.scopes != null) ? this.scopes.values() : List.of();
	}

	@Override
	public @Nullable WaitScope scope(LockObserver observer) {
		return (this.scopes != null) ? this.scopes.get(observer) : null;
	}

	void toldTo(long observers) {
		this.toldTo = observers;
	}

	long toldTo() {
		return this.toldTo;
	}

	public Duration lease() {
		return this.lease;
	}

	public Deadline waitUntil() {
		return this.waitUntil;
	}

	boolean waitsInCycles() {
		return this.options.contains(LockRequest.Option.WAIT_IN_CYCLES) && this.waitUntil != Deadline.NEVER;
	}

	public boolean isKeptByTransaction() {
		return !this.options.contains(LockRequest.Option.RELEASE_IN_TRANSACTION);
	}

	public @Nullable Thread owningThread() {
		return this.owner;
	}

	public Thread thread() {
		return this.thread;
	}

	@Override
	public List<LockKey> keys() {
		return this.keys;
	}

	@Override
	public LockKey key() {
		return this.keys.get(this.granted);
	}

	@Override
	public @Nullable String label() {
		return this.label;
	}

	// Virtual threads often have none; their number is in every thread dump.
	@Override
	public String threadName() {
		String name = this.thread.getName();
		return name.isEmpty() ? "#" + this.thread.getId() : name;
	}

	@Override
	public Duration age() {
		long ended = this.ageNanos;
		return Duration.ofNanos((ended >= 0) ? ended : System.nanoTime() - this.sinceNanoTime);
	}

	@FunctionalInterface
	public interface WaitingStep<T extends @Nullable Object> {

		T run() throws InterruptedException;

	}

}
