package org.dragonflow.lock.aop;

import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.target.SingletonTargetSource;
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
		assertRefused((api) -> api.many(new Object()), "no toString() of its own");
	}

	@Test
	void anArrayOfNumbersIsSeveralIds() {
		assertLocked((api) -> api.many(new int[] { 2, 1 }), "1", "2");
		assertLocked((api) -> api.many(new short[] { 1 }), "1");
		assertLocked((api) -> api.many(new Long[] { 7L }), "7");
	}

	@Test
	void anArrayThatIsOneValueIsRefused() {
		assertRefused((api) -> api.many(new byte[] { 1, 2, 3 }), "a byte[], which is one value");
		assertRefused((api) -> api.many(new byte[] { 1 }), "formatHex");
		assertRefused((api) -> api.many(new Byte[] { 1 }), "a java.lang.Byte[], which is one value");
		assertRefused((api) -> api.many("secret".toCharArray()), "a char[], which is one value");
		assertRefused((api) -> api.many(new double[] { 1 }), "a double[], whose elements are no ids");
		assertRefused((api) -> api.many(new boolean[] { true }), "a boolean[], whose elements are no ids");
		assertRefused((api) -> api.many(List.of(new byte[] { 1 })), "a byte[], which is neither an id nor");
	}

	@Test
	void aValueWithATextOfItsOwnIsOneId() {
		assertLocked((api) -> api.many(Path.of("a", "b")), Path.of("a", "b").toString());
		assertLocked((api) -> api.many(List.of(Path.of("b"), Path.of("a"))), "a", "b");
		assertLocked((api) -> api.many(Shown.ONE), "ONE");
		assertLocked((api) -> api.many(new AtomicReference<>("a")), "a");
		assertLocked((api) -> api.many(new AtomicLong(7)), "7");
		assertLocked((api) -> api.many(String.class), "class java.lang.String");
		assertLocked((api) -> api.many(Instant.EPOCH), "1970-01-01T00:00:00Z");
		assertLocked((api) -> api.many(URI.create("a:b")), "a:b");
		assertLocked((api) -> api.many(new Network("joe@cafe.de")), "Network[id=joe@cafe.de]");
		assertLocked((api) -> api.many(new Network("joe@cafe")), "Network[id=joe@cafe]");
		assertLocked((api) -> api.many("java.lang.Object@1b2c3d"), "java.lang.Object@1b2c3d");
	}

	@Test
	void aValueThatHoldsAnIdIsRefusedWithAdvice() {
		assertRefused((api) -> api.many(Optional.of("a")), "a java.util.Optional, which only may hold an id");
		assertRefused((api) -> api.many(OptionalLong.of(1)), "which only may hold an id");
		assertRefused((api) -> api.many(Map.of("a", 1)), "use its keySet() or values()");
		assertRefused((api) -> api.many(Stream.of("a")), "collect the ids in a list");
		assertRefused((api) -> api.many(List.of("a").iterator()), "collect the ids in a list");
		assertRefused((api) -> api.many(CompletableFuture.completedFuture("a")), "another for each object");
	}

	@Test
	void aValueWhoseTextIsNotTheSameEverywhereIsRefused() throws Exception {
		assertRefused((api) -> api.many(new Date()), "a java.util.Date, whose text depends on the time zone");
		assertRefused((api) -> api.many(new Timestamp(1)), "a java.sql.Timestamp, whose text depends");
		assertRefused((api) -> api.many(Calendar.getInstance()), "'timeInMillis'");
		InetAddress address = InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 });
		assertRefused((api) -> api.many(address), "'hostAddress'");
		assertRefused((api) -> api.many(ByteBuffer.allocate(1)), "whose text does not show what is in it");
	}

	@Test
	void aTextThatDiffersFromObjectToObjectIsRefusedWhereverItIs() {
		assertRefused((api) -> api.many(new Holder(new Object())), "Holder[held=java.lang.Object@",
				"another for each object");
		assertRefused((api) -> api.many(new Holder(new Plain())), "NbLockedExpressionTests$Plain@");
		assertRefused((api) -> api.many(new Holder(new byte[] { 1 })), "[held=[B@");
		assertRefused((api) -> api.many(new Holder(new String[] { "a" })), "[held=[Ljava.lang.String;@");
		assertRefused((api) -> api.many(new Holder(List.of(new Holder(new Plain())))), "Plain@");
		Runnable lambda = () -> {
		};
		assertRefused((api) -> api.many(new Holder(lambda)), "$$Lambda");
		assertRefused((api) -> api.many(new AtomicReference<>(new Plain())), "Plain@");
		assertRefused((api) -> api.many(ProxyFactory.getProxy(Runnable.class, new SingletonTargetSource(lambda))),
				"another for each object");
		assertRefused((api) -> api.many(new Short()), "Short@");
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

	private void assertRefused(Consumer<Api> call, String... why) {
		assertThatIllegalArgumentException().isThrownBy(() -> call.accept(this.api))
			.withMessageContaining("'#ids'")
			.withMessageContaining("Api.many(Object)")
			.withMessageContainingAll(why);
		assertThat(this.lock.requests).isEmpty();
	}

	record Network(String id) {
	}

	record Holder(Object held) {
	}

	static class Plain {

	}

	static class Short {

		@Override
		public String toString() {
			return "Short@" + Integer.toHexString(System.identityHashCode(this));
		}

	}

	enum Shown {

		ONE;

		@Override
		public String toString() {
			return "One of them";
		}

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
