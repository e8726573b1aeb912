package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

import org.dragonflow.lock.engine.Line.Standing;
import org.dragonflow.lock.engine.Line.Turn;
import org.jspecify.annotations.Nullable;

/**
 * One line of threads for each id that is wanted in this JVM, first come first served.
 * Whoever is at its head may talk to the store, and stays there for as long as it holds
 * the lock. A line is gone as soon as nobody stands in it.
 */
final class LocalQueues {

	private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();

	/**
	 * Joins the line for an id, at its end.
	 * @param owner the thread that will own the lock, null if a handle will
	 */
	Place enter(String objectId, Duration lease, @Nullable Thread owner) {
		Place place = new Place(objectId, lease, owner);
		this.lines.compute(objectId, (id, line) -> {
			if (line == null) {
				return new Line(place);
			}
			line.append(place);
			return line;
		});
		return place;
	}

	/**
	 * Joins the line for an id only if nobody stands in it.
	 */
	@Nullable Place enterIfFree(String objectId, Duration lease, @Nullable Thread owner) {
		Place place = new Place(objectId, lease, owner);
		return (this.lines.putIfAbsent(objectId, new Line(place)) == null) ? place : null;
	}

	/**
	 * Leaves the line, from whichever position; the head lets the next one have its turn.
	 * Leaving twice does nothing.
	 */
	void leave(Place place) {
		Turn turn = new Turn();
		this.lines.computeIfPresent(place.objectId(), (id, line) -> line.remove(place, turn) ? line : null);
		turn.begin();
	}

	/**
	 * Leaves the line, unless a hold has been handed over to this place by now.
	 * @return that hold, once it has arrived
	 */
	@Nullable EngineHold giveUp(Place place) {
		Turn turn = new Turn();
		this.lines.computeIfPresent(place.objectId(),
				(id, line) -> (place.hold() != null || line.remove(place, turn)) ? line : null);
		turn.begin();
		EngineHold handedOver = place.hold();
		if (handedOver != null) {
			place.awaitArrival();
		}
		return handedOver;
	}

	/**
	 * Lets the next in line be the head, with a hold of its own.
	 * @param place the head
	 * @param successor makes the hold for the next one, or null to leave all as it is
	 * @param beforeArrival done with that hold before the next one goes on, and not while
	 * the line is kept from changing
	 * @return whether the head has changed
	 */
	boolean handOver(Place place, Function<Place, @Nullable EngineHold> successor, Consumer<EngineHold> beforeArrival) {
		Turn turn = new Turn();
		this.lines.computeIfPresent(place.objectId(), (id, line) -> {
			line.handOver(place, successor, turn);
			return line;
		});
		try {
			EngineHold handedOver = turn.hold();
			if (handedOver != null) {
				beforeArrival.accept(handedOver);
			}
		}
		finally {
			turn.begin();
		}
		return turn.isSomebodys();
	}

	/**
	 * Whether somebody waits behind the head.
	 */
	boolean hasFollowers(Place place) {
		boolean[] found = new boolean[1];
		this.lines.computeIfPresent(place.objectId(), (id, line) -> {
			found[0] = line.hasFollowers();
			return line;
		});
		return found[0];
	}

	/**
	 * The head of the line for an id, which owns the lock or will be the next to do so.
	 * Null if there is none, or if its hold has ended.
	 */
	@Nullable Place headOf(String objectId) {
		Line line = this.lines.get(objectId);
		if (line == null) {
			return null;
		}
		// A head whose hold has ended may still stand there, to hold the line back, or
		// because nobody has noticed yet that its lease is over.
		Place head = line.head();
		EngineHold hold = head.hold();
		return (hold != null && !hold.isHeld()) ? null : head;
	}

	/**
	 * The hold at the head of the line for an id, if this JVM has one.
	 */
	@Nullable EngineHold holdOf(String objectId) {
		Line line = this.lines.get(objectId);
		return (line != null) ? line.head().hold() : null;
	}

	/**
	 * Who stands in the line for an id.
	 * @param most how many to name behind the head
	 * @return null if nobody does
	 */
	@Nullable Standing look(String objectId, int most) {
		Standing[] seen = new Standing[1];
		this.lines.computeIfPresent(objectId, (id, line) -> {
			seen[0] = line.look(most);
			return line;
		});
		return seen[0];
	}

	/**
	 * Looks at one line after the other. Only lines in which somebody waits are kept from
	 * changing, each for as long as it takes to name whom it has.
	 */
	void lookAtAll(int most, Consumer<Standing> looker) {
		this.lines.forEach((objectId, line) -> {
			Standing seen = line.hasBeenAlone() ? new Standing(line.head(), List.of(), 0) : look(objectId, most);
			if (seen != null) {
				looker.accept(seen);
			}
		});
	}

	/**
	 * Those who wait: in a line, or at its head for the store.
	 */
	List<Place> waiting() {
		List<Place> waiting = new ArrayList<>();
		for (Map.Entry<String, Line> entry : this.lines.entrySet()) {
			// Most lines have nobody but a holder, and are passed by. What has just been
			// added to one may not be seen before the next look.
			Line seen = entry.getValue();
			if (!seen.hasBeenAlone() || seen.head().hold() == null) {
				this.lines.computeIfPresent(entry.getKey(), (id, line) -> {
					line.addWaiting(waiting);
					return line;
				});
			}
		}
		return waiting;
	}

	/**
	 * Lets everybody have a turn, because the lines are closed.
	 */
	void dissolve() {
		for (String objectId : this.lines.keySet()) {
			this.lines.computeIfPresent(objectId, (id, line) -> {
				Turn turn = new Turn();
				while (line.remove(line.head(), turn)) {
					turn.begin();
				}
				return null;
			});
		}
	}

	boolean isEmpty() {
		return this.lines.isEmpty();
	}

}
