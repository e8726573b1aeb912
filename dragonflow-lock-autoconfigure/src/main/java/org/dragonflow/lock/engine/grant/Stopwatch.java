package org.dragonflow.lock.engine.grant;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Since when something has been going on, for others to look at. Started and stopped by
 * one thread at a time.
 */
final class Stopwatch {

	private volatile @Nullable Long sinceNanoTime;

	/**
	 * It goes on from now, unless it does so already.
	 */
	void start() {
		if (this.sinceNanoTime == null) {
			this.sinceNanoTime = System.nanoTime();
		}
	}

	void stop() {
		this.sinceNanoTime = null;
	}

	boolean isRunning() {
		return this.sinceNanoTime != null;
	}

	/**
	 * How long it has gone on; zero if it does not.
	 */
	Duration elapsed() {
		Long since = this.sinceNanoTime;
		return (since != null) ? Duration.ofNanos(System.nanoTime() - since) : Duration.ZERO;
	}

}
