package org.dragonflow.lock.engine.line;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

import org.dragonflow.lock.engine.line.Line.Standing;
import org.dragonflow.lock.engine.line.Line.Turn;
import org.dragonflow.lock.engine.line.Place.Occupant;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * One line of threads for each id that is wanted in this JVM, first come first served.
 * Whoever is at its head may talk to the store, and stays there for as long as it holds
 * the lock. A line is gone as soon as nobody stands in it.
 */
public final class Lines {

	private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();

	/**
	 * Joins the line for an id, at its end. Whoever has entered leaves, whatever happens.
	 */
	public Place enter(Request request, LockKey key) {
		Place place = new Place(request, key);
		this.lines.compute(key.objectId(), (id, line) -> {
			if (line == null) {
				return new Line(place);
			}
			line.append(place);
			return line;
		});
		return place;
	}

	public @Nullable Place enterIfFree(Request request, LockKey key) {
		Place place = new Place(request, key);
		return (this.lines.putIfAbsent(key.objectId(), new Line(place)) == null) ? place : null;
	}

	/**
	 * Leaves the line, from whichever position; the head lets the next one have its turn.
	 * Leaving twice does nothing.
	 */
	public void leave(Place place) {
		Turn turn = new Turn();
		this.lines.computeIfPresent(place.objectId(), (id, line) -> line.remove(place, turn) ? line : null);
		turn.begin();
	}

	/**
	 * Leaves the line, unless something has been handed over to this place by now.
	 * @return that, once it has arrived
	 */
	public @Nullable Occupant giveUp(Place place) {
		Turn turn = new Turn();
		this.lines.computeIfPresent(place.objectId(),
				(id, line) -> (place.occupant() != null || line.remove(place, turn)) ? line : null);
		turn.begin();
		Occupant handedOver = place.occupant();
		if (handedOver != null) {
			place.awaitArrival();
		}
		return handedOver;
	}

	/**
	 * Lets the next in line be the head, with something to have from the start.
	 * @param successor makes what the next one has, or null to leave all as it is. Does
	 * so while the line is kept from changing
	 * @return the turn of the next one, to be begun in any case; nobody's if the head has
	 * not changed
	 */
	public Turn handOver(Place place, Function<Place, @Nullable Occupant> successor) {
		Turn turn = new Turn();
		this.lines.computeIfPresent(place.objectId(), (id, line) -> {
			line.handOver(place, successor, turn);
			return line;
		});
		return turn;
	}

	/**
	 * The head of the line for an id, which owns the lock or will be the next to do so.
	 * Null if there is none, or if what it had has ended: it may still stand there, to
	 * hold the line back, or because nobody has noticed yet that its lease is over.
	 */
	public @Nullable Place headOf(String objectId) {
		Line line = this.lines.get(objectId);
		if (line == null) {
			return null;
		}
		Place head = line.head();
		Occupant occupant = head.occupant();
		return (occupant != null && !occupant.isHeld()) ? null : head;
	}

	public @Nullable Occupant occupantOf(String objectId) {
		Line line = this.lines.get(objectId);
		return (line != null) ? line.head().occupant() : null;
	}

	/**
	 * @param most how many to name behind the head
	 */
	public @Nullable Standing look(String objectId, int most) {
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
	public void lookAtAll(int most, Consumer<Standing> looker) {
		this.lines.forEach((objectId, line) -> {
			Standing seen = line.hasBeenAlone() ? new Standing(line.head(), List.of(), 0) : look(objectId, most);
			if (seen != null) {
				looker.accept(seen);
			}
		});
	}

	/**
	 * Lets everybody have a turn, because the lines are closed.
	 */
	public void dissolve() {
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

	public boolean isEmpty() {
		return this.lines.isEmpty();
	}

}
