package org.dragonflow.lock.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What Redis runs in one step. Every operation on a lock is one of these. Each can be
 * sent twice without harm.
 */
enum Script {

	ACQUIRE("common.lua", "acquire.lua"),

	RELEASE("common.lua", "release.lua"),

	RENEW("renew.lua"),

	LOOK("look.lua"),

	REVOKE("revoke.lua");

	private final String text;

	private final String digest;

	Script(String... files) {
		StringBuilder builder = new StringBuilder();
		for (String file : files) {
			builder.append(read(file)).append('\n');
		}
		this.text = builder.toString();
		this.digest = sha1(this.text);
	}

	/**
	 * The source, which a server that does not know the script has to be given once.
	 */
	String text() {
		return this.text;
	}

	/**
	 * The name by which a server knows it then.
	 */
	String digest() {
		return this.digest;
	}

	private static String read(String file) {
		try (InputStream in = Script.class.getResourceAsStream(file)) {
			if (in == null) {
				throw new IllegalStateException("The script " + file + " is missing beside " + Script.class);
			}
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String sha1(String text) {
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-1", ex);
		}
	}

}
