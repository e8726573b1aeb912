package org.dragonflow.lock.aop;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.Map;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.NbLocked;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.annotation.AliasFor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the annotation may stand, and what its attributes mean there.
 */
class NbLockedPlacementTests {

	@Test
	void aBeanWithoutTheAnnotationIsNotProxied() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Plain.class)) {
			assertThat(AopUtils.isAopProxy(context.getBean(Plain.class))).isFalse();
		}
	}

	@Test
	@SuppressWarnings("unchecked")
	void aMethodOfAnImplementationIsLockedBehindAProxyOfItsInterface() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Map.of("classes", "false"),
				Implementation.class)) {
			Api<String> api = context.getBean(Api.class);
			assertThat(AopUtils.isJdkDynamicProxy(api)).isTrue();
			api.create("net-1");
			assertThat(lock(context).events).containsExactly("lock [net-1]", "release [net-1]");
		}
	}

	@Test
	@SuppressWarnings("unchecked")
	void aGenericMethodIsLockedThroughItsBridge() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Implementation.class)) {
			Api<String> api = context.getBean(Api.class);
			assertThat(AopUtils.isCglibProxy(api)).isTrue();
			api.create("net-1");
			assertThat(lock(context).events).containsExactly("lock [net-1]", "release [net-1]");
		}
	}

	@Test
	void anAnnotationOnAnInterfaceIsSeenWithTheInterfacesParameterNames() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Renaming.class)) {
			context.getBean(Renaming.class).delete("net-1");
			assertThat(lock(context).events).containsExactly("lock [net-1]", "release [net-1]");
		}
	}

	@Test
	void aTypesAnnotationLocksItsPublicMethodsAndAMethodsOwnOverridesIt() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Typed.class)) {
			Typed typed = context.getBean(Typed.class);
			typed.one("a");
			typed.other("b", "c");
			typed.hidden("d");
			assertThat(lock(context).events).containsExactly("lock [a]", "release [a]", "lock [c]", "release [c]");
		}
	}

	@Test
	void anAnnotationOnAnInterfaceTypeIsForThatInterfacesMethodsOnly() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(OfTypedApi.class)) {
			OfTypedApi bean = context.getBean(OfTypedApi.class);
			bean.create("a");
			bean.close();
			assertThat(lock(context).events).containsExactly("lock [a]", "release [a]");
		}
	}

	@Test
	void aMetaAnnotationOverridesAttributes() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Composed.class)) {
			context.getBean(Composed.class).create("1");
			LockRequest request = lock(context).requests.get(0);
			assertThat(request.objectIds()).containsExactly("port:1");
			assertThat(request.waitTime()).isEqualTo(Duration.ofSeconds(3));
			assertThat(request.label()).as("the scope").isEqualTo("port");
		}
	}

	@Test
	void allStringsTakePlaceholders() {
		Map<String, Object> properties = Map.of("the.id", "#id", "the.wait", "250ms", "the.lease", "PT2S", "the.scope",
				"net");
		try (AnnotationConfigApplicationContext context = AspectFixture.context(properties, Placeholders.class)) {
			context.getBean(Placeholders.class).create("1");
			LockRequest request = lock(context).requests.get(0);
			assertThat(request.objectIds()).containsExactly("net:1");
			assertThat(request.waitTime()).isEqualTo(Duration.ofMillis(250));
			assertThat(request.lease()).isEqualTo(Duration.ofSeconds(2));
		}
	}

	@Test
	void notToBlockIsToWaitForNoTime() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(NotBlocking.class)) {
			NotBlocking bean = context.getBean(NotBlocking.class);
			bean.once("a");
			bean.configured("a");
			assertThat(lock(context).requests).extracting(LockRequest::waitTime).containsExactly(Duration.ZERO, null);
			assertThat(lock(context).requests).as("the methods, where there is no scope")
				.extracting(LockRequest::label)
				.containsExactly("NbLockedPlacementTests.NotBlocking.once",
						"NbLockedPlacementTests.NotBlocking.configured");
		}
	}

	private static RecordingLock lock(AnnotationConfigApplicationContext context) {
		return context.getBean(RecordingLock.class);
	}

	static class Plain {

	}

	interface Api<T> {

		void create(T id);

	}

	static class Implementation implements Api<String> {

		@Override
		@NbLocked("#networkId")
		public void create(String networkId) {
		}

	}

	interface Annotated {

		@NbLocked("#networkId")
		void delete(String networkId);

	}

	static class Renaming implements Annotated {

		@Override
		public void delete(String id) {
		}

	}

	@NbLocked("#id")
	static class Typed {

		public void one(String id) {
		}

		@NbLocked("#second")
		public void other(String first, String second) {
		}

		void hidden(String id) {
		}

		@Override
		public String toString() {
			return "typed";
		}

	}

	@NbLocked("#id")
	interface TypedApi {

		void create(String id);

	}

	static class OfTypedApi implements TypedApi, AutoCloseable {

		@Override
		public void create(String id) {
		}

		@Override
		public void close() {
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@NbLocked(value = "", scope = "port")
	@interface PortLocked {

		@AliasFor(annotation = NbLocked.class, attribute = "value")
		String id();

		@AliasFor(annotation = NbLocked.class, attribute = "waitTime")
		String patience() default "3s";

	}

	static class Composed {

		@PortLocked(id = "#portId")
		public void create(String portId) {
		}

	}

	static class Placeholders {

		@NbLocked(value = "${the.id}", waitTime = "${the.wait}", lease = "${the.lease}", scope = "${the.scope}")
		public void create(String id) {
		}

	}

	static class NotBlocking {

		@NbLocked(value = "#id", block = false)
		public void once(String id) {
		}

		@NbLocked("#id")
		public void configured(String id) {
		}

	}

}
