package org.dragonflow.lock.benchmarks;

import java.util.Arrays;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.LockSupport;

import org.dragonflow.lock.benchmarks.RedisContender.Client;

/**
 * A lock that goes back and forth between two clients, one of which waits when the other
 * releases it.
 */
final class HandOffs {

	static final String OBJECT_ID = "one";

	// By then the other one waits, also on a busy machine: it takes a tenth of that.
	private static final long PAUSE_NANOS = 3_000_000;

	private HandOffs() {
	}

	/**
	 * Measures from the call of the release until the waiter has the lock.
	 * @return the middle of all
	 */
	static double medianMicros(Client one, Client other, int count) {
		SynchronousQueue<Long> served = new SynchronousQueue<>();
		SynchronousQueue<Boolean> again = new SynchronousQueue<>();
		double[] micros = new double[count];
		try {
			one.lock(OBJECT_ID);
			Thread waiter = new Thread(() -> serve(other, count, served, again), "waiter");
			waiter.start();
			for (int i = 0; i < count; i++) {
				LockSupport.parkNanos(PAUSE_NANOS);
				long released = System.nanoTime();
				one.unlock(OBJECT_ID);
				micros[i] = (served.take() - released) / 1e3;
				one.lock(OBJECT_ID);
				// Only now, for the other one could overtake this one.
				again.put(true);
			}
			one.unlock(OBJECT_ID);
			waiter.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		Arrays.sort(micros);
		return micros[count / 2];
	}

	private static void serve(Client client, int count, SynchronousQueue<Long> served,
			SynchronousQueue<Boolean> again) {
		try {
			for (int i = 0; i < count; i++) {
				client.lock(OBJECT_ID);
				served.put(System.nanoTime());
				client.unlock(OBJECT_ID);
				again.take();
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
