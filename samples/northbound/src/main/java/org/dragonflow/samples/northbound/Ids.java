package org.dragonflow.samples.northbound;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * The ids of all objects. A caller may choose one, as Neutron does for Dragonflow; it is
 * unique over all types of objects, so it needs no scope to be locked by.
 */
public final class Ids {

	/**
	 * What an id that a caller chooses must look like.
	 */
	public static final String PATTERN = "[A-Za-z0-9-]{1,36}";

	private Ids() {
	}

	/**
	 * An id for a new object.
	 * @param chosen by the caller, null for a random one
	 * @return the id
	 */
	public static String newId(@Nullable String chosen) {
		return (chosen != null) ? chosen : UUID.randomUUID().toString();
	}

}
