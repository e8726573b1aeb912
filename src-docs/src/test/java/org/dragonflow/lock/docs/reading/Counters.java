package org.dragonflow.lock.docs.reading;

import jakarta.persistence.EntityManager;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Increments under a lock: some are lost, and some are not.
 */
@Service
class Counters {

	private final EntityManager entities;

	private final JdbcClient jdbc;

	private final DistributedLock lock;

	Counters(EntityManager entities, JdbcClient jdbc, DistributedLock lock) {
		this.entities = entities;
		this.jdbc = jdbc;
		this.lock = lock;
	}

	// tag::entity[]
	@NbLocked("#id")
	@Transactional
	public void increment(String id) {
		this.entities.find(Counter.class, id).increment(); // <1>
	}
	// end::entity[]

	// tag::snapshot[]
	@Transactional(isolation = Isolation.REPEATABLE_READ)
	public void incrementIfSmall(String id, Runnable meanwhile) {
		if (read(id) < 100) { // <1>
			meanwhile.run();
			this.lock.run(id, () -> write(id, read(id) + 1)); // <2>
		}
	}
	// end::snapshot[]

	// tag::outside[]
	@NbLocked("#id") // <1>
	@Transactional(isolation = Isolation.REPEATABLE_READ)
	public void incrementIfSmall(String id) {
		int total = read(id);
		if (total < 100) {
			write(id, total + 1);
		}
	}
	// end::outside[]

	// tag::refresh[]
	@NbLocked("#id")
	@Transactional
	public void incrementRefreshed(String id) {
		Counter counter = this.entities.find(Counter.class, id);
		this.entities.refresh(counter); // <1>
		counter.increment();
	}
	// end::refresh[]

	// tag::isolation[]
	@Transactional(isolation = Isolation.READ_COMMITTED) // <1>
	public void incrementCommitted(String id, Runnable meanwhile) {
		if (read(id) < 100) {
			meanwhile.run();
			this.lock.run(id, () -> write(id, read(id) + 1));
		}
	}
	// end::isolation[]

	int read(String id) {
		return this.jdbc.sql("select coalesce(max(total), 0) from step where id = ?")
			.param(id)
			.query(Integer.class)
			.single();
	}

	private void write(String id, int total) {
		this.jdbc.sql("insert into step (id, total) values (?, ?)").param(id).param(total).update();
	}

}
