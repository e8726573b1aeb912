package org.dragonflow.lock.aop;

import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Turns the value of an expression into the ids to lock.
 */
final class ObjectIds {

	private ObjectIds() {
	}

	/**
	 * Converts one id, or an array or {@link Iterable} of ids.
	 * @param value what the expression yielded
	 * @param prefix what each id starts with
	 * @return the ids, at least one
	 * @throws IllegalArgumentException with the end of a sentence as its message, if the
	 * value is not usable
	 */
	static SortedSet<String> from(@Nullable Object value, String prefix) {
		SortedSet<String> ids = new TreeSet<>();
		if (value instanceof Iterable<?> elements && !(value instanceof Path)) {
			elements.forEach((element) -> ids.add(prefix + id(element)));
		}
		else if (value != null && value.getClass().isArray()) {
			IdValues.checkElements(value.getClass());
			for (int i = 0; i < Array.getLength(value); i++) {
				ids.add(prefix + id(Array.get(value, i)));
			}
		}
		else {
			ids.add(prefix + id(value));
		}
		if (ids.isEmpty()) {
			throw new IllegalArgumentException("an empty collection, so there is nothing to lock");
		}
		return ids;
	}

	private static String id(@Nullable Object value) {
		if (value == null) {
			throw new IllegalArgumentException("null where an id is needed");
		}
		String id = (value instanceof String text) ? text : IdValues.text(value);
		if (id.isEmpty()) {
			throw new IllegalArgumentException("an empty id");
		}
		return id;
	}

}
