package org.dragonflow.lock.aop;

import java.lang.reflect.Array;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.BaseStream;

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
		if (value instanceof Iterable<?> elements) {
			elements.forEach((element) -> ids.add(prefix + id(element)));
		}
		else if (value != null && value.getClass().isArray()) {
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
		if (value instanceof Iterable || value.getClass().isArray() || value instanceof Map || value instanceof Optional
				|| value instanceof BaseStream || value instanceof Iterator) {
			throw new IllegalArgumentException(
					"a " + value.getClass().getName() + ", which is neither an id nor an array or collection of ids");
		}
		String id = value.toString();
		if (id == null || id.isEmpty()) {
			throw new IllegalArgumentException("an empty id");
		}
		// Object.toString() differs for equal objects: it would lock nothing out.
		if (id.equals(value.getClass().getName() + "@" + Integer.toHexString(value.hashCode()))) {
			throw new IllegalArgumentException(
					"a " + value.getClass().getName() + ", which has no toString() of its own to be used as an id");
		}
		return id;
	}

}
