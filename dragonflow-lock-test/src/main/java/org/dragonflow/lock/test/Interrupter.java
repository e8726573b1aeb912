package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts the thread that made it after some time, and never after its close.
 */
final class Interrupter implements AutoCloseable {

	private final Thread thread;

	Interrupter(Duration delay) {
		Thread waiter = Thread.currentThread();
		this.thread = new Thread(() -> {
			try {
				TimeUnit.NANOSECONDS.sleep(delay.toNanos());
				waiter.interrupt();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}, "interrupter");
		this.thread.start();
	}

	@Override
	public void close() throws InterruptedException {
		// Whether it comes before or after this: the flag is down when this returns.
		this.thread.interrupt();
		boolean ended = false;
		while (!ended) {
			try {
				this.thread.join();
				ended = true;
			}
			catch (InterruptedException ex) {
				// That was it.
			}
		}
		Thread.interrupted();
	}

}
