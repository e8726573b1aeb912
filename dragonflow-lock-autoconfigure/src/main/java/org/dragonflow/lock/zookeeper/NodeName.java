package org.dragonflow.lock.zookeeper;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * The name of a node in a bucket: the key, the owner and the server's sequence number. A
 * key may have the separator in it, the others have not.
 *
 * @param key the key's name
 * @param owner the owner
 * @param sequence the place in the queue; the one thing that nodes are compared by
 * @param name the whole name
 */
record NodeName(String key, String owner, int sequence, String name) {

	private static final char SEPARATOR = '~';

	/**
	 * The name of a hold's node, to which the server adds the sequence number. The owner
	 * is what the node is found by when the answer to its creation was lost.
	 */
	static String prefix(Hold hold) {
		return hold.key().name() + SEPARATOR + URLEncoder.encode(hold.owner(), StandardCharsets.UTF_8) + SEPARATOR;
	}

	/**
	 * Reads a name, or returns null if it is none of ours.
	 */
	static @Nullable NodeName parse(String name) {
		int last = name.lastIndexOf(SEPARATOR);
		int middle = name.lastIndexOf(SEPARATOR, last - 1);
		if (middle < 0) {
			return null;
		}
		try {
			return new NodeName(name.substring(0, middle),
					URLDecoder.decode(name.substring(middle + 1, last), StandardCharsets.UTF_8),
					Integer.parseInt(name.substring(last + 1)), name);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	static int sequence(String path) {
		return Integer.parseInt(path.substring(path.lastIndexOf(SEPARATOR) + 1));
	}

}
