package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * Grants everything, and remembers what happened in which order. Shows what the aspect
 * asks for; what a lock does is tested elsewhere.
 */
final class RecordingLock implements DistributedLock {

	final List<String> events = new CopyOnWriteArrayList<>();

	final List<LockRequest> requests = new CopyOnWriteArrayList<>();

	@Nullable RuntimeException failureOfRelease;

	/**
	 * Holds back what is granted to handles.
	 */
	@Nullable CountDownLatch grants;

	@Override
	public LockHandle lock(LockRequest request) {
		this.requests.add(request);
		this.events.add("lock " + request.objectIds());
		return new Handle(request.objectIds());
	}

	@Override
	public void lock(String objectId, boolean block) {
		throw new UnsupportedOperationException();
	}

	@Override
	public boolean tryLock(LockRequest request) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void unlock(String objectId) {
		throw new UnsupportedOperationException();
	}

	@Override
	public LockHandle acquire(LockRequest request) {
		CountDownLatch latch = this.grants;
		if (latch != null) {
			this.events.add("wait " + request.objectIds());
			awaitThroughInterrupts(latch);
		}
		return lock(request);
	}

	private static void awaitThroughInterrupts(CountDownLatch latch) {
		while (true) {
			try {
				latch.await();
				return;
			}
			catch (InterruptedException ex) {
				// As a store may be slow to notice.
			}
		}
	}

	@Override
	public @Nullable LockHandle held(String objectId) {
		return null;
	}

	@Override
	public boolean requestRevocation(String objectId) {
		return false;
	}

	private final class Handle implements LockHandle {

		private final Set<String> objectIds;

		Handle(Set<String> objectIds) {
			this.objectIds = objectIds;
		}

		@Override
		public Set<String> objectIds() {
			return this.objectIds;
		}

		@Override
		public long fencingToken() {
			return 1;
		}

		@Override
		public long fencingToken(String objectId) {
			return 1;
		}

		@Override
		public boolean isHeld() {
			return true;
		}

		@Override
		public Duration remaining() {
			return Duration.ofSeconds(1);
		}

		@Override
		public void onLost(Runnable action) {
		}

		@Override
		public void onRevocation(Runnable action) {
		}

		@Override
		public void close() {
			RecordingLock.this.events.add("release " + this.objectIds);
			if (RecordingLock.this.failureOfRelease != null) {
				throw RecordingLock.this.failureOfRelease;
			}
		}

	}

}
