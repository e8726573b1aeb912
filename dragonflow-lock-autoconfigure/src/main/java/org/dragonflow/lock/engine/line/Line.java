package org.dragonflow.lock.engine.line;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.dragonflow.lock.engine.line.Place.Occupant;
import org.jspecify.annotations.Nullable;

/**
 * The threads that want one id, in order. Changed only inside the atomic operations of a
 * map on that id.
 */
public final class Line {

	private static final Set<Place> NONE = Set.of();

	private volatile Place head;

	private Set<Place> followers = NONE;

	Line(Place head) {
		this.head = head;
	}

	/**
	 * Whether nobody has come after the head, as far as an outsider can tell: one who
	 * comes just now may not be seen.
	 */
	boolean hasBeenAlone() {
		return this.followers == NONE;
	}

	Standing look(int most) {
		return new Standing(this.head, this.followers.stream().limit(most).toList(), this.followers.size());
	}

	Place head() {
		return this.head;
	}

	void append(Place place) {
		place.queue();
		if (this.followers == NONE) {
			this.followers = new LinkedHashSet<>();
		}
		this.followers.add(place);
	}

	/**
	 * Returns whether somebody is left.
	 */
	boolean remove(Place place, Turn turn) {
		boolean left = place != this.head || !this.followers.isEmpty();
		if (place == this.head && left) {
			advance(this.followers.iterator().next(), turn);
		}
		else if (this.followers != NONE) {
			this.followers.remove(place);
		}
		return left;
	}

	void handOver(Place place, Function<Place, @Nullable Occupant> successor, Turn turn) {
		if (place == this.head && !this.followers.isEmpty()) {
			Place next = this.followers.iterator().next();
			Occupant handedOver = successor.apply(next);
			if (handedOver != null) {
				next.occupy(handedOver);
				advance(next, turn);
			}
		}
	}

	private void advance(Place next, Turn turn) {
		this.head = next;
		turn.place = next;
		this.followers.remove(next);
	}

	/**
	 * A line at one moment.
	 *
	 * @param head who has the lock, or is the next to ask the store for it
	 * @param followers the first of the others, in order
	 * @param count how many others there are
	 */
	public record Standing(Place head, List<Place> followers, int count) {
	}

	/**
	 * Whose turn has come of an operation on a line. Woken after it, not in it: the woken
	 * thread would run into the map's lock on the id at once.
	 */
	public static final class Turn {

		private @Nullable Place place;

		public @Nullable Place place() {
			return this.place;
		}

		public void begin() {
			if (this.place != null) {
				this.place.arrive();
			}
		}

	}

}
