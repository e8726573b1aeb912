package org.dragonflow.lock.test;

import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.WaitOutcome;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * What an application and its platform may do to the engine: observers and actions that
 * throw and hang, executors that refuse, threads that are not to be had. Does nothing
 * until it is begun, and nothing after its end.
 */
final class RandomMischief implements LockObserver {

	private static final int LONGEST_HANG_MILLIS = 200;

	private final ExecutorService callbacks = Executors.newCachedThreadPool(LockThreads.named("random-callback"));

	// Null while there is none. Shared by threads, so that only what is chosen follows
	// from the seed, not for whom.
	private volatile @Nullable Random random;

	void begin(long seed) {
		this.random = new Random(seed);
	}

	void end() {
		this.random = null;
	}

	/**
	 * Where an engine has its threads from.
	 */
	ThreadSource threads() {
		return new ThreadSource(this::factory, this::execute);
	}

	private ThreadFactory factory(String role) {
		ThreadFactory threads = LockThreads.named(role);
		return (task) -> {
			refuseSometimes(2);
			return threads.newThread(task);
		};
	}

	private void execute(Runnable task) {
		Executor executor = this.callbacks;
		if (happens(20)) {
			throw new RejectedExecutionException("The random test accepts nothing now");
		}
		refuseSometimes(20);
		executor.execute(task);
	}

	private void refuseSometimes(int outOf) {
		if (happens(outOf)) {
			throw new OutOfMemoryError("The random test has no thread now");
		}
	}

	/**
	 * Adds some actions to a hold that do harm when it is lost.
	 * @param choices decides which
	 */
	void harm(LockHandle handle, Random choices) {
		int choice = choices.nextInt(8);
		if (choice < 4) {
			handle.onLost(() -> misbehave(choice));
		}
	}

	@Override
	public @Nullable WaitScope openScope(LockWait wait) {
		misbehaveSometimes(200);
		return happens(100) ? (outcome) -> misbehave(0) : null;
	}

	@Override
	public void waitBegan(LockWait wait) {
		misbehaveSometimes(100);
	}

	@Override
	public void waitEnded(LockWait wait, WaitOutcome outcome) {
		misbehaveSometimes(100);
	}

	@Override
	public void holdBegan(LockHold hold) {
		misbehaveSometimes(100);
	}

	@Override
	public void holdEnded(LockHold hold, HoldOutcome outcome) {
		misbehaveSometimes((outcome == HoldOutcome.LOST) ? 4 : 100);
	}

	private void misbehaveSometimes(int outOf) {
		Random choices = this.random;
		if (choices != null && choices.nextInt(outOf) == 0) {
			misbehave(choices.nextInt(4));
		}
	}

	private static void misbehave(int choice) {
		switch (choice) {
			case 0 -> throw new IllegalStateException("A random failure");
			case 1 -> throw new AssertionError("A random error");
			case 2 -> throw new NoClassDefFoundError("a/random/Name");
			default -> {
				try {
					TimeUnit.MILLISECONDS.sleep(LONGEST_HANG_MILLIS);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		}
	}

	private boolean happens(int outOf) {
		Random choices = this.random;
		return choices != null && choices.nextInt(outOf) == 0;
	}

}
