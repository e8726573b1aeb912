package org.dragonflow.lock.spi;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * An object id within a namespace, and the name that stands for both in any store.
 * <p>
 * The {@link #name() name} is made so that no store can confuse two of them, whatever its
 * rules for case, trailing blanks, escapes or lengths: at most {@value #MAX_NAME_LENGTH}
 * characters, each one of {@code a-z 0-9 - _ . % ~}. Where ids are plain it reads like
 * them ({@code dragonflow~net-1}); any other character is percent-encoded as in a URL,
 * with lower-case digits, and capital letters are too. A longer name is cut, and ends in
 * the SHA-256 digest of the whole.
 */
public final class LockKey {

	/**
	 * The length that a name never exceeds.
	 */
	public static final int MAX_NAME_LENGTH = 200;

	private static final char SEPARATOR = '~';

	private static final int DIGEST_LENGTH = 64;

	private final String namespace;

	private final String objectId;

	private final String name;

	/**
	 * Creates a key.
	 * @param namespace keeps the locks of one application apart from another's in the
	 * same store
	 * @param objectId what is locked
	 * @throws IllegalArgumentException if one of them is empty or not well-formed
	 * Unicode, or the namespace is longer than 64 characters once encoded
	 */
	public LockKey(String namespace, String objectId) {
		this.namespace = namespace;
		this.objectId = objectId;
		String prefix = encode("namespace", namespace);
		if (prefix.length() > 64) {
			throw new IllegalArgumentException("The namespace '" + namespace + "' takes " + prefix.length()
					+ " characters when encoded; choose one that takes 64 at most");
		}
		String full = prefix + SEPARATOR + encode("object id", objectId);
		this.name = (full.length() <= MAX_NAME_LENGTH) ? full
				: full.substring(0, MAX_NAME_LENGTH - DIGEST_LENGTH - 1) + SEPARATOR + sha256(full);
	}

	/**
	 * The namespace.
	 * @return the namespace as given
	 */
	public String namespace() {
		return this.namespace;
	}

	/**
	 * What is locked.
	 * @return the id as given
	 */
	public String objectId() {
		return this.objectId;
	}

	/**
	 * The name of the key in any store. Two keys have the same name exactly if they are
	 * equal.
	 * @return the name, see the class
	 */
	public String name() {
		return this.name;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof LockKey key && this.name.equals(key.name);
	}

	@Override
	public int hashCode() {
		return this.name.hashCode();
	}

	@Override
	public String toString() {
		return this.name;
	}

	private static String encode(String what, String text) {
		if (text == null || text.isEmpty()) {
			throw new IllegalArgumentException("The " + what + " of a lock must not be null or empty");
		}
		if (isPlain(text)) {
			return text;
		}
		StringBuilder encoded = new StringBuilder(text.length() * 2);
		for (byte octet : utf8(what, text)) {
			char character = (char) (octet & 0xff);
			if (isPlain(character)) {
				encoded.append(character);
			}
			else {
				encoded.append('%').append(HexFormat.of().toHexDigits(octet));
			}
		}
		return encoded.toString();
	}

	private static byte[] utf8(String what, String text) {
		try {
			// Not getBytes(): it would turn every unpaired surrogate into the same "?".
			var bytes = StandardCharsets.UTF_8.newEncoder()
				.onMalformedInput(CodingErrorAction.REPORT)
				.encode(CharBuffer.wrap(text));
			byte[] octets = new byte[bytes.remaining()];
			bytes.get(octets);
			return octets;
		}
		catch (CharacterCodingException ex) {
			throw new IllegalArgumentException("The " + what + " of a lock must be well-formed Unicode, but '" + text
					+ "' has an unpaired surrogate", ex);
		}
	}

	private static boolean isPlain(String text) {
		for (int i = 0; i < text.length(); i++) {
			if (!isPlain(text.charAt(i))) {
				return false;
			}
		}
		return true;
	}

	private static boolean isPlain(char character) {
		return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '-'
				|| character == '_' || character == '.';
	}

	private static String sha256(String text) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
			return HexFormat.of().formatHex(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
