package org.dragonflow.lock.zookeeper;

import java.util.List;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Names of nodes, and the order in which they stand.
 */
class NodeNameTests {

	private static final LockKey KEY = new LockKey("names", "net/1~%");

	@Test
	void anyOwnerSurvivesTheName() {
		for (String owner : List.of("plain", "a/b", "a~b~0000000001", "100%", "~", "!\"#$&'()*+,-.:;<=>?@[]^_`{|}")) {
			String prefix = NodeName.prefix(new Hold(KEY, owner));
			assertThat(prefix).as("A node's name").doesNotContain("/");
			assertThat(NodeName.parse(prefix + "0000000042")).as("The name of %s's node", owner).satisfies((name) -> {
				assertThat(name.key()).as("Its key").isEqualTo(KEY.name());
				assertThat(name.owner()).as("Its owner").isEqualTo(owner);
				assertThat(name.sequence()).as("Its place").isEqualTo(42);
			});
		}
	}

	@Test
	void othersNodesAreNobodysPlace() {
		for (String name : List.of("", "~", "a", "a~b", "a~b~", "a~b~c", "a~%zz~0000000001", "quota")) {
			assertThat(NodeName.parse(name)).as("What '%s' stands for", name).isNull();
		}
	}

	@Test
	void onlyTheSequenceOrdersTheLine() {
		LockKey longer = new LockKey("names", "net/1~%x");
		Line line = Line.of(KEY,
				List.of(NodeName.prefix(new Hold(KEY, "aaa")) + "0000000009",
						NodeName.prefix(new Hold(longer, "bbb")) + "0000000001",
						NodeName.prefix(new Hold(KEY, "zzz")) + "0000000002", "other",
						NodeName.prefix(new Hold(KEY, "mmm")) + "0000000005"));
		assertThat(line.names()).as("The line of one key")
			.extracting(NodeName::owner)
			.containsExactly("zzz", "mmm", "aaa");
		assertThat(line.before("aaa", 9)).as("Whom the last one watches").extracting(NodeName::owner).isEqualTo("mmm");
		assertThat(line.before("zzz", 2)).as("Whom the first one watches").isNull();
	}

}
