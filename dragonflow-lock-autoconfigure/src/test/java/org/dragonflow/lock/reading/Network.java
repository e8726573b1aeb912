package org.dragonflow.lock.reading;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/**
 * Something to read.
 */
@Entity
class Network {

	@Id
	private String name = "net-1";

	String name() {
		return this.name;
	}

}
