package org.dragonflow.lock.aop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.Buffer;
import java.nio.file.Path;
import java.util.Calendar;
import java.util.Date;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.BaseStream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * The texts of values that are used as ids, and the values that have none: their text
 * would differ where the objects are equal, from call to call or from instance to
 * instance, so that nobody would be locked out.
 */
final class IdValues {

	// What Object.toString() makes of an object or array, anywhere in a text.
	private static final Pattern IDENTITY = Pattern.compile("([\\w.$/\\[;-]+)@[0-9a-f]{1,8}(?![0-9a-zA-Z])");

	private static final Set<Class<?>> BINARY = Set.of(byte[].class, Byte[].class);

	private static final Set<Class<?>> CHARACTERS = Set.of(char[].class, Character[].class);

	private static final Set<Class<?>> NO_IDS = Set.of(boolean[].class, float[].class, double[].class);

	private static final Map<Class<?>, String> ADVICE = advice();

	private IdValues() {
	}

	private static Map<Class<?>, String> advice() {
		String unwrap = "which only may hold an id: let the expression take the id out of it";
		String zone = "whose text depends on the time zone of the instance: use its 'time', or an Instant";
		String resolved = "whose text depends on what has been resolved: use its 'hostAddress'";
		Map<Class<?>, String> advice = new LinkedHashMap<>();
		advice.put(Map.class, "which is neither an id nor a collection of ids: use its keySet() or values()");
		advice.put(Optional.class, unwrap);
		advice.put(OptionalInt.class, unwrap);
		advice.put(OptionalLong.class, unwrap);
		advice.put(OptionalDouble.class, unwrap);
		advice.put(BaseStream.class, "which could be read only once: collect the ids in a list");
		advice.put(Iterator.class, "which could be read only once: collect the ids in a list");
		advice.put(Date.class, zone);
		advice.put(Calendar.class, zone.replace("'time'", "'timeInMillis'"));
		advice.put(InetAddress.class, resolved);
		advice.put(InetSocketAddress.class, resolved.replace("its 'hostAddress'", "'address.hostAddress' and 'port'"));
		advice.put(Buffer.class, "whose text does not show what is in it");
		return advice;
	}

	/**
	 * Checks that an array is meant as a collection of ids.
	 * @throws IllegalArgumentException with the end of a sentence as its message
	 */
	static void checkElements(Class<?> array) {
		if (BINARY.contains(array)) {
			throw new IllegalArgumentException(name(array) + ", which is one value rather than a collection of ids:"
					+ " make a text of it, for example T(java.util.HexFormat).of().formatHex(...)");
		}
		if (CHARACTERS.contains(array)) {
			throw new IllegalArgumentException(name(array)
					+ ", which is one value rather than a collection of ids: make a text of it, T(String).valueOf(...)");
		}
		if (NO_IDS.contains(array)) {
			throw new IllegalArgumentException(name(array) + ", whose elements are no ids");
		}
	}

	/**
	 * The text of a value that is not a string.
	 * @throws IllegalArgumentException with the end of a sentence as its message
	 */
	static String text(Object value) {
		if (value instanceof CharSequence || value instanceof Number || value instanceof UUID) {
			return value.toString();
		}
		if (value instanceof Enum<?> constant) {
			// Its text may be made for people.
			return constant.name();
		}
		if (value.getClass().isArray() || (value instanceof Iterable && !(value instanceof Path))) {
			throw new IllegalArgumentException(
					name(value.getClass()) + ", which is neither an id nor an array or collection of ids");
		}
		ADVICE.forEach((type, advice) -> {
			if (type.isInstance(value)) {
				throw new IllegalArgumentException(name(value.getClass()) + ", " + advice);
			}
		});
		String text = value.toString();
		return (text != null) ? checked(value, text) : "";
	}

	private static String checked(Object value, String text) {
		if (text.indexOf('@') < 0) {
			return text;
		}
		if (text.equals(value.getClass().getName() + "@" + Integer.toHexString(value.hashCode()))) {
			throw new IllegalArgumentException(
					name(value.getClass()) + ", which has no toString() of its own to be used as an id");
		}
		String identity = identityIn(value, text);
		if (identity != null) {
			throw new IllegalArgumentException(name(value.getClass()) + " with the text '" + text + "', where "
					+ identity + " is another for each object: use a property that tells which object it is");
		}
		return text;
	}

	private static @Nullable String identityIn(Object value, String text) {
		String own = "@" + Integer.toHexString(System.identityHashCode(value));
		Matcher matcher = IDENTITY.matcher(text);
		while (matcher.find()) {
			String found = matcher.group();
			if (found.endsWith(own) || isClass(matcher.group(1), value.getClass().getClassLoader())) {
				return found;
			}
		}
		return null;
	}

	/**
	 * An address of e-mail looks alike, but for the class.
	 */
	private static boolean isClass(String name, @Nullable ClassLoader classLoader) {
		return name.contains("$$") || ClassUtils.isPresent(name, classLoader);
	}

	private static String name(Class<?> type) {
		return "a " + type.getTypeName();
	}

}
