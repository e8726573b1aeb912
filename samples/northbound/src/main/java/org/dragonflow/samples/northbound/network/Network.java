package org.dragonflow.samples.northbound.network;

import java.util.Map;

/**
 * A network.
 *
 * @param id its id
 * @param projectId the project that owns it
 * @param name for people
 * @param revision how many times it was changed
 * @param allocations the addresses in use, each with the id of the port that has it
 */
record Network(String id, String projectId, String name, long revision, Map<String, String> allocations) {

	Network withName(String newName) {
		return new Network(this.id, this.projectId, newName, this.revision, this.allocations);
	}

	Network withAllocations(Map<String, String> newAllocations) {
		return new Network(this.id, this.projectId, this.name, this.revision, newAllocations);
	}

	Network withNextRevision() {
		return new Network(this.id, this.projectId, this.name, this.revision + 1, this.allocations);
	}

}
