package org.dragonflow.lock;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a request makes of what it is given.
 */
class LockRequestTests {

	@Test
	void theIdsAreInAscendingOrderWhateverTheOrderOfTheSetThatTheyCameIn() {
		TreeSet<String> descending = new TreeSet<>(Comparator.reverseOrder());
		descending.addAll(List.of("a", "b"));
		assertThat(new LockRequest(descending, null, null).objectIds())
			.as("ids in the order in which they are locked; another would let two requests block each other")
			.containsExactly("a", "b");
	}

}
