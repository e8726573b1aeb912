package org.dragonflow.lock.docs.reading;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/**
 * A number that must not miss an increment.
 */
@Entity
class Counter {

	@Id
	private String id = "";

	private int total;

	Counter() {
	}

	Counter(String id) {
		this.id = id;
	}

	int total() {
		return this.total;
	}

	void increment() {
		this.total++;
	}

}
