package org.dragonflow.lock.docs.example;

import java.time.Duration;

import org.dragonflow.lock.DistributedLock;

import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What was written for other locks, and how it is written here.
 */
@Service
class Imports {

	private final DistributedLock lock;

	private final LockRegistry<?> registry;

	private final TransactionTemplate transaction;

	Imports(DistributedLock lock, LockRegistry<?> registry, TransactionTemplate transaction) {
		this.lock = lock;
		this.registry = registry;
		this.transaction = transaction;
	}

	// tag::registry[]
	void importNetwork(String networkId, Runnable work) throws InterruptedException {
		this.registry.executeLocked(networkId, () -> work.run());
	}
	// end::registry[]

	// tag::scheduled[]
	// @Scheduled(cron = "0 0 3 * * *")
	void nightly(Runnable work) throws InterruptedException {
		if (this.lock.tryLock("nightly-import", Duration.ZERO)) {
			try {
				work.run();
			}
			finally {
				this.lock.unlock("nightly-import");
			}
		}
	}
	// end::scheduled[]

	// tag::transaction[]
	void importInTransaction(String networkId, Runnable work) {
		this.transaction.executeWithoutResult((status) -> {
			this.lock.lock(networkId);
			work.run();
			this.lock.unlock(networkId); // <1>
		}); // <2>
	}
	// end::transaction[]

}
