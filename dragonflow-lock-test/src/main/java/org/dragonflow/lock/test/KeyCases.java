package org.dragonflow.lock.test;

import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keys are exact: no two ids share a lock, whatever a store makes of case, blanks,
 * escapes, lengths and collations.
 */
abstract class KeyCases extends TokenCases {

	@Test
	void idsThatStoresLikeToConfuseAreHeldAtTheSameTime() throws Exception {
		List<LockAttempt> attempts = new ArrayList<>();
		for (String objectId : confusableIds()) {
			LockAttempt attempt = attempt(new LockKey(this.key.objectId(), objectId));
			assertThat(this.alice.acquire(attempt))
				.as("The grant of %s, while the ids before it are held", attempt.key())
				.isNotNull();
			attempts.add(attempt);
		}
		for (LockAttempt attempt : attempts) {
			assertRefused(this.bob, attempt.key());
			assertHeld(this.alice, attempt.hold());
		}
		for (LockAttempt attempt : attempts) {
			assertThat(this.alice.release(attempt.hold()))
				.as("The release of %s, of which no other was one", attempt.hold())
				.isTrue();
		}
		assertFreeAndUnused(attempts.get(0).key());
	}

	@Test
	void namespacesAreApart() throws Exception {
		List<Hold> holds = new ArrayList<>();
		for (String namespace : List.of("a", "A", "a.b", "a/b", "a~b", "contract-kit")) {
			holds.add(take(this.alice, new LockKey(namespace, this.key.objectId())));
		}
		for (Hold hold : holds) {
			assertHeld(this.alice, hold);
			assertThat(this.alice.release(hold)).as("The release of %s", hold).isTrue();
		}
	}

	private static List<String> confusableIds() {
		String longId = "x".repeat(9_999);
		String longPrefix = "net-".repeat(50);
		return List.of("net", "NET", "Net", "net ", "net  ", " net", "net\t", "net\n", "net\0", "net\0\0", "\0", " ",
				"  ", "a/b", "a//b", "/a/b", "a/b/", "a", "a/", "a/../a", ".", "..", "%", "%%", "%25", "_", "__", "a%",
				"a_", "ab", "*", "a*", "?", "[ab]", "'", "''", "a'b", "a''b", "\"", "`", "\\", "\\\\", "\\0", "a;b",
				"a--b", "a:b", "a{b}", "{a}", "a~b", "a+b", "a b", "a%20b", "e", "\u00e9", "e\u0301", "\u00c9", "ss",
				"\u00df", "i", "I", "\u0130", "\u0131", "\u00e5", "\u212b", "\uff4e\uff45\uff54", "n\u200bet",
				"\ufeffnet", "\u7f51\u7edc", "\u043d\u0435\u0442", "\ud83d\udc09", "\ud83d\udc32", "null", "true", "0",
				"00", "1", "1.0", "-1", longPrefix, longPrefix + "1", longPrefix + "2", longPrefix + "1 ", longId,
				longId + "y", longId + "z", longId + "Z", longId + "\u00e9");
	}

}
