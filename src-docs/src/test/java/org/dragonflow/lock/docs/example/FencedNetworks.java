package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.NbLocked;

import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Lets each row refuse whoever has lost the lock without knowing.
 */
@Service
class FencedNetworks {

	private final DistributedLock lock;

	private final JdbcClient jdbc;

	FencedNetworks(DistributedLock lock, JdbcClient jdbc) {
		this.lock = lock;
		this.jdbc = jdbc;
	}

	// tag::fencing[]
	@NbLocked("#networkId")
	public void rename(String networkId, Naming naming) {
		LockHandle hold = this.lock.held(networkId);
		if (hold == null) {
			throw new IllegalStateException(networkId + " is not locked");
		}
		long token = hold.fencingToken();
		check(this.jdbc.sql("update networks set fence = :token where id = :id and fence <= :token") // <1>
			.param("token", token)
			.param("id", networkId)
			.update());
		String name = this.jdbc.sql("select name from networks where id = ?") // <2>
			.param(networkId)
			.query(String.class)
			.single();
		String newName = naming.next(name);
		check(this.jdbc.sql("update networks set name = :name where id = :id and fence <= :token") // <3>
			.param("name", newName)
			.param("token", token)
			.param("id", networkId)
			.update());
	}

	private static void check(int rows) {
		if (rows == 0) {
			throw new OptimisticLockingFailureException("Somebody with a later hold was here");
		}
	}
	// end::fencing[]

	/**
	 * Decides for a new name by the present one.
	 */
	interface Naming {

		String next(String name);

	}

}
