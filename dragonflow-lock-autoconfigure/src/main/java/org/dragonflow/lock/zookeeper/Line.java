package org.dragonflow.lock.zookeeper;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Who stands in line for one key, the holder first. A bucket has other keys' nodes too;
 * they are left out.
 *
 * @param names in the order of their sequence numbers
 */
record Line(List<NodeName> names) {

	static Line of(LockKey key, List<String> children) {
		List<NodeName> names = new ArrayList<>();
		String start = key.name();
		for (String child : children) {
			// Cheap before exact: most of a bucket's nodes are of other keys.
			NodeName name = child.startsWith(start) ? NodeName.parse(child) : null;
			if (name != null && name.key().equals(start)) {
				names.add(name);
			}
		}
		names.sort(Comparator.comparingInt(NodeName::sequence));
		return new Line(names);
	}

	@Nullable NodeName first() {
		return this.names.isEmpty() ? null : this.names.get(0);
	}

	/**
	 * The nodes of an owner: at most one, unless a session has ended in between.
	 */
	List<NodeName> of(String owner) {
		return this.names.stream().filter((name) -> name.owner().equals(owner)).toList();
	}

	/**
	 * The next lower node of another owner, or null if there is none.
	 */
	@Nullable NodeName before(String owner, int sequence) {
		NodeName before = null;
		for (NodeName name : this.names) {
			if (name.sequence() < sequence && !name.owner().equals(owner)) {
				before = name;
			}
		}
		return before;
	}

}
