package org.dragonflow.lock.etcd;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * A key of this client in the line of a lock: of a hold, or of an attempt that waits.
 */
final class Place {

	private final Hold hold;

	private final String queue;

	private final String key;

	private final Session session;

	private final @Nullable Session takenOver;

	private volatile long revision;

	private volatile boolean held;

	private volatile Deadline keptUntil = Deadline.NEVER;

	private volatile @Nullable Object watchedBy;

	private volatile boolean askedFor;

	private final AtomicLong goneAt = new AtomicLong();

	Place(Hold hold, String queue, String key, Session session, @Nullable Session takenOver) {
		this.hold = hold;
		this.queue = queue;
		this.key = key;
		this.session = session;
		this.takenOver = takenOver;
	}

	Hold hold() {
		return this.hold;
	}

	String queue() {
		return this.queue;
	}

	String key() {
		return this.key;
	}

	Session session() {
		return this.session;
	}

	/**
	 * The session that the key has lived with before.
	 */
	Optional<Session> takenOver() {
		return Optional.ofNullable(this.takenOver);
	}

	/**
	 * The create revision, 0 as long as etcd has not told it.
	 */
	long revision() {
		return this.revision;
	}

	void stands(long revision) {
		this.revision = revision;
	}

	/**
	 * Whether it is the first, and the engine has been told so, or is about to be.
	 */
	boolean isHeld() {
		return this.held;
	}

	void becomesHeld() {
		keep();
		this.held = true;
	}

	/**
	 * Kept for as long as the session's lease lasts from now on, if that is not renewed.
	 */
	void keep() {
		this.keptUntil = this.session.validUntil();
	}

	/**
	 * The watch that tells if the key goes: it stood before the key was read.
	 */
	@Nullable Object watchedBy() {
		return this.watchedBy;
	}

	void watchedBy(@Nullable Object stand) {
		this.watchedBy = stand;
	}

	/**
	 * The watch has told of a deletion, which may be that of an earlier key of this name.
	 */
	void goesAt(long revision) {
		this.goneAt.accumulateAndGet(revision, Math::max);
	}

	boolean isGone() {
		return this.goneAt.get() > this.revision;
	}

	/**
	 * Somebody has asked for the release.
	 */
	void askFor() {
		this.askedFor = true;
	}

	boolean isAskedFor() {
		return this.askedFor;
	}

	/**
	 * Whether nobody has renewed the hold in time. The session may go on for others.
	 */
	boolean isOverdue() {
		return this.held && this.keptUntil.hasPassed();
	}

}
