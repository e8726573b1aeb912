package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Since when this client knows of a hold. etcd keeps no times, so this is the only age
 * that a hold has: it is that old at least.
 */
final class Sightings {

	private static final int MOST = 1000;

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<Long, Long> firstSeen = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
			return size() > MOST;
		}

	};

	/**
	 * How long ago a hold was seen for the first time.
	 * @param revision the hold's create revision
	 */
	Duration age(long revision) {
		long now = System.nanoTime();
		this.lock.lock();
		try {
			Long seen = this.firstSeen.putIfAbsent(revision, now);
			return Duration.ofNanos((seen != null) ? now - seen : 0);
		}
		finally {
			this.lock.unlock();
		}
	}

}
