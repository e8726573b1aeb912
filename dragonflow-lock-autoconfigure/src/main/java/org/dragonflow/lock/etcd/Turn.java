package org.dragonflow.lock.etcd;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * An attempt that may have to wait for its turn. It is there before its key is, so that
 * it misses no deletion of the key before it, and it is woken by no other.
 */
final class Turn {

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	// What has gone while it was not known yet which key stands before.
	private final Set<String> gone = new HashSet<>();

	private @Nullable String before;

	private boolean come;

	/**
	 * Told of a deletion in the line.
	 */
	void deleted(String key) {
		this.lock.lock();
		try {
			if (this.before == null) {
				this.gone.add(key);
			}
			else if (this.before.equals(key)) {
				come();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Lets the attempt look again, whatever has happened.
	 */
	void wake() {
		this.lock.lock();
		try {
			come();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * To be called before each look at the line: what goes from then on is not missed.
	 */
	void look() {
		this.lock.lock();
		try {
			this.before = null;
			this.gone.clear();
			this.come = false;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits until a key has gone.
	 * @param key the key that the last look has found right before the own one
	 */
	void await(String key, long nanos) throws InterruptedException {
		long left = nanos;
		this.lock.lockInterruptibly();
		try {
			this.before = key;
			if (this.gone.contains(key)) {
				this.come = true;
			}
			this.gone.clear();
			while (!this.come && left > 0) {
				left = this.changed.awaitNanos(left);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void come() {
		this.come = true;
		this.changed.signalAll();
	}

}
