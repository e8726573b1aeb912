package org.dragonflow.lock.etcd;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The attempts of this client that wait, or may have to, by the line that they wait in.
 */
final class Turns {

	private final Map<String, Set<Turn>> byQueue = new ConcurrentHashMap<>();

	Turn begin(String queue) {
		Turn turn = new Turn();
		this.byQueue.compute(queue, (key, turns) -> {
			Set<Turn> all = (turns != null) ? turns : ConcurrentHashMap.newKeySet();
			all.add(turn);
			return all;
		});
		return turn;
	}

	void end(String queue, Turn turn) {
		this.byQueue.computeIfPresent(queue, (key, turns) -> {
			turns.remove(turn);
			return turns.isEmpty() ? null : turns;
		});
	}

	void deleted(String queue, String key) {
		this.byQueue.getOrDefault(queue, Set.of()).forEach((turn) -> turn.deleted(key));
	}

	void wake(String queue) {
		this.byQueue.getOrDefault(queue, Set.of()).forEach(Turn::wake);
	}

	void wakeAll() {
		this.byQueue.values().forEach((turns) -> turns.forEach(Turn::wake));
	}

}
