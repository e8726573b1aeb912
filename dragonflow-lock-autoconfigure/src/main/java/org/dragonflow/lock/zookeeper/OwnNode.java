package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * What this client knows of a node that it has made, or may have made. Remembered from
 * before the creation is sent until the node is known to be gone. Used by the one thread
 * that has its {@link #busy} lock.
 */
final class OwnNode {

	/**
	 * Held by whoever does something about the node.
	 */
	final ReentrantLock busy = new ReentrantLock();

	private final Hold hold;

	private volatile @Nullable String path;

	private volatile long token;

	private volatile long sessionId;

	/**
	 * Whether there may be a node that we have not heard of.
	 */
	private volatile boolean doubtful;

	private volatile boolean watched;

	private volatile boolean granted;

	private volatile boolean ended;

	// While an attempt is under way, its end is the attempt's.
	private volatile Deadline leaseEnd = Deadline.NEVER;

	OwnNode(Hold hold) {
		this.hold = hold;
	}

	Hold hold() {
		return this.hold;
	}

	/**
	 * Where the node is, or null if that is unknown or there is none.
	 */
	@Nullable String path() {
		return this.path;
	}

	int sequence() {
		String path = this.path;
		return (path != null) ? NodeName.sequence(path) : 0;
	}

	long token() {
		return this.token;
	}

	boolean isOf(long sessionId) {
		return this.path != null && this.sessionId == sessionId;
	}

	void adopt(Requests.Node node) {
		this.path = node.path();
		this.token = node.stat().getCzxid();
		this.sessionId = node.stat().getEphemeralOwner();
		this.doubtful = false;
		this.watched = false;
	}

	/**
	 * There is no node, that is known.
	 */
	void forget() {
		this.path = null;
		this.doubtful = false;
		this.watched = false;
		this.granted = false;
	}

	boolean isDoubtful() {
		return this.doubtful;
	}

	void doubt() {
		this.doubtful = true;
	}

	boolean isWatched() {
		return this.watched;
	}

	void watched() {
		this.watched = true;
	}

	/**
	 * Its watch has told something, and so is gone.
	 */
	void unwatched() {
		this.watched = false;
	}

	boolean hasEnded() {
		return this.ended;
	}

	/**
	 * From now on it is to be deleted, whoever comes.
	 */
	void end() {
		this.ended = true;
		this.leaseEnd = Deadline.in(Duration.ZERO);
	}

	Deadline leaseEnd() {
		return this.leaseEnd;
	}

	void endAt(Deadline leaseEnd) {
		this.leaseEnd = leaseEnd;
	}

	/**
	 * Whether the engine knows of a hold, or is about to: not of a place in a line.
	 */
	boolean isGranted() {
		return this.granted;
	}

	void grant(Deadline leaseEnd) {
		endAt(leaseEnd);
		this.granted = true;
	}

}
