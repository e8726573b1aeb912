package org.dragonflow.lock.engine.line;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The threads that want one id, in order. Changed only inside the atomic operations of a
 * map on that id.
 */
public final class Line {

	private volatile Place head;

	private @Nullable LinkedHashSet<Place> followers;

	Line(Place head) {
		this.head = head;
	}

	/**
	 * Whether nobody has come after the head, as far as an outsider can tell: one who
	 * comes just now may not be seen.
	 */
	boolean hasBeenAlone() {
		return this.followers == null;
	}

	Standing look(int most) {
		if (this.followers == null) {
			return new Standing(this.head, List.of(), 0);
		}
		return new Standing(this.head, this.followers.stream().limit(most).toList(), this.followers.size());
	}

	Place head() {
		return this.head;
	}

	boolean hasFollowers() {
		return this.followers != null && !this.followers.isEmpty();
	}

	void append(Place place) {
		place.queue();
		if (this.followers == null) {
			this.followers = new LinkedHashSet<>();
		}
		this.followers.add(place);
	}

	void addWaiting(List<Place> waiting) {
		if (this.head.occupant() == null) {
			waiting.add(this.head);
		}
		if (this.followers != null) {
			waiting.addAll(this.followers);
		}
	}

	/**
	 * Returns whether somebody is left.
	 */
	boolean remove(Place place, Turn turn) {
		if (place != this.head) {
			if (this.followers != null) {
				this.followers.remove(place);
			}
			return true;
		}
		if (this.followers == null || this.followers.isEmpty()) {
			return false;
		}
		this.head = this.followers.iterator().next();
		this.followers.remove(this.head);
		turn.place = this.head;
		return true;
	}

	void handOver(Place place, Function<Place, @Nullable Occupant> successor, Turn turn) {
		if (place != this.head || this.followers == null || this.followers.isEmpty()) {
			return;
		}
		Place next = this.followers.iterator().next();
		Occupant handedOver = successor.apply(next);
		if (handedOver == null) {
			return;
		}
		next.occupy(handedOver);
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

		/**
		 * The place whose turn it is, if there is one.
		 */
		public @Nullable Place place() {
			return this.place;
		}

		/**
		 * Wakes who stands there.
		 */
		public void begin() {
			if (this.place != null) {
				this.place.arrive();
			}
		}

	}

}
