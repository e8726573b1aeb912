package org.dragonflow.lock.docs.example;

import java.time.Duration;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;

import org.springframework.stereotype.Service;

/**
 * Programs switches while nobody else does, with the lock itself rather than the
 * annotation.
 */
@Service
class Switches {

	private final DistributedLock lock;

	Switches(DistributedLock lock) {
		this.lock = lock;
	}

	// tag::handle[]
	void program(String networkId, Work work) throws InterruptedException {
		LockRequest request = LockRequest.of(networkId).withWait(Duration.ofSeconds(5));
		try (LockHandle hold = this.lock.acquire(request)) {
			hold.onLost(work::stop);
			work.run(hold.fencingToken());
		}
	}
	// end::handle[]

	// tag::release-on-request[]
	void programSlowly(String networkId, Work work) throws InterruptedException {
		try (LockHandle hold = this.lock.acquire(LockRequest.of(networkId))) {
			hold.onLost(work::stop);
			hold.onRevocation(work::stop);
			work.run(hold.fencingToken());
		}
	}
	// end::release-on-request[]

	// tag::ask[]
	void programNow(String networkId, Work work) throws InterruptedException {
		this.lock.requestRevocation(networkId);
		program(networkId, work);
	}
	// end::ask[]

	// tag::outcomes[]
	String tryToProgram(String networkId, Work work) {
		try {
			this.lock.lock(networkId, false);
		}
		catch (LockUnavailableException ex) {
			return "try again later: " + ex.getObjectId() + " is being programmed";
		}
		try {
			work.run(token(networkId));
			return "done";
		}
		finally {
			this.lock.unlock(networkId);
		}
	}
	// end::outcomes[]

	private long token(String networkId) {
		LockHandle hold = this.lock.held(networkId);
		return (hold != null) ? hold.fencingToken() : 0;
	}

	/**
	 * What is done under the lock.
	 */
	interface Work {

		void run(long fencingToken);

		void stop();

	}

}
