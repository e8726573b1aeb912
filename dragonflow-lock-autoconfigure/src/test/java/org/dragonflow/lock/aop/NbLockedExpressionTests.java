package org.dragonflow.lock.aop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which ids an expression yields, and which values it must not yield.
 */
class NbLockedExpressionTests {

	private AnnotationConfigApplicationContext context;

	private Api api;

	private RecordingLock lock;

	@BeforeEach
	void start() {
		this.context = AspectFixture.context(Api.class, Naming.class);
		this.api = this.context.getBean(Api.class);
		this.lock = this.context.getBean(RecordingLock.class);
	}

	@AfterEach
	void stop() {
		this.context.close();
	}

	@Test
	void aParameterIsKnownByItsName() {
		assertLocked((api) -> api.byName("net-1"), "net-1");
	}

	@Test
	void aParameterIsKnownByItsPosition() {
		assertLocked((api) -> api.byA("x", "net-1"), "net-1");
		assertLocked((api) -> api.byP("net-2"), "net-2");
	}

	@Test
	void aPropertyOfAParameterIsRead() {
		assertLocked((api) -> api.byProperty(new Network("net-1")), "net-1");
	}

	@Test
	void aBeanIsKnownByItsName() {
		assertLocked((api) -> api.byBean("1"), "named-1");
	}

	@Test
	void theRootHasTheTargetTheMethodAndTheArguments() {
		assertLocked((api) -> api.byRoot("1"), "target-byRoot-1");
	}

	@Test
	void aSelectionUsesItsOwnThis() {
		assertLocked((api) -> api.bySelection(List.of("keep-1", "drop-2")), "keep-1");
	}

	@Test
	void everyElementOfACollectionOrArrayIsLocked() {
		assertLocked((api) -> api.many(List.of("b", "a", "b")), "a", "b");
		assertLocked((api) -> api.many(Set.of("a")), "a");
		assertLocked((api) -> api.many(new String[] { "a", "b" }), "a", "b");
		assertLocked((api) -> api.many(new long[] { 2, 1 }), "1", "2");
		Iterable<String> iterable = () -> List.of("a", "b").iterator();
		assertLocked((api) -> api.many(iterable), "a", "b");
		assertLocked((api) -> api.varargs("a", "b"), "a", "b");
	}

	@Test
	void anIdThatIsNoStringIsConverted() {
		UUID uuid = UUID.randomUUID();
		assertLocked((api) -> api.many(uuid), uuid.toString());
		assertLocked((api) -> api.many(42L), "42");
		assertLocked((api) -> api.many(new StringBuilder("net-1")), "net-1");
	}

	@Test
	void anUnusableIdIsRefusedByNameOfTheMethod() {
		assertRefused((api) -> api.many(null), "null");
		assertRefused((api) -> api.many(""), "an empty id");
		assertRefused((api) -> api.many(Arrays.asList("a", null)), "null");
		assertRefused((api) -> api.many(List.of("a", "")), "an empty id");
		assertRefused((api) -> api.many(new ArrayList<>()), "an empty collection");
		assertRefused((api) -> api.many(List.of(List.of("a"))), "neither an id nor");
		assertRefused((api) -> api.many(Optional.of("a")), "neither an id nor");
		assertRefused((api) -> api.many(Stream.of("a")), "neither an id nor");
		assertRefused((api) -> api.many(new Object()), "no toString() of its own");
	}

	@Test
	void anExpressionThatFailsNamesTheMethodAndItself() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.api.byProperty(null))
			.withMessageContaining("#network.id")
			.withMessageContaining("Api.byProperty(Network)");
		assertThat(this.lock.requests).isEmpty();
	}

	@Test
	void aScopeKeepsTypesApart() {
		assertLocked((api) -> api.scoped("1"), "port:1");
		assertThatIllegalArgumentException().isThrownBy(() -> this.api.scoped(""));
	}

	private void assertLocked(Consumer<Api> call, String... ids) {
		this.lock.requests.clear();
		call.accept(this.api);
		assertThat(this.lock.requests).singleElement()
			.satisfies((request) -> assertThat(request.objectIds()).containsExactly(ids));
	}

	private void assertRefused(Consumer<Api> call, String why) {
		assertThatIllegalArgumentException().isThrownBy(() -> call.accept(this.api))
			.withMessageContaining("'#ids'")
			.withMessageContaining("Api.many(Object)")
			.withMessageContaining(why);
		assertThat(this.lock.requests).isEmpty();
	}

	record Network(String id) {
	}

	static class Naming {

		public String name(String id) {
			return "named-" + id;
		}

	}

	static class Api {

		@NbLocked("#networkId")
		public void byName(String networkId) {
		}

		@NbLocked("#a1")
		public void byA(String first, String second) {
		}

		@NbLocked("#p0")
		public void byP(String first) {
		}

		@NbLocked("#network.id")
		public void byProperty(@Nullable Network network) {
		}

		@NbLocked("@'nbLockedExpressionTests.Naming'.name(#id)")
		public void byBean(String id) {
		}

		@NbLocked("#root.target.prefix() + '-' + #root.method.name + '-' + #root.args[0]")
		public void byRoot(String id) {
		}

		public String prefix() {
			return "target";
		}

		@NbLocked("#ids.?[#this.startsWith('keep')]")
		public void bySelection(List<String> ids) {
		}

		@NbLocked("#ids")
		public void many(@Nullable Object ids) {
		}

		@NbLocked("#ids")
		public void varargs(String... ids) {
		}

		@NbLocked(value = "#id", scope = "port")
		public void scoped(String id) {
		}

	}

}
