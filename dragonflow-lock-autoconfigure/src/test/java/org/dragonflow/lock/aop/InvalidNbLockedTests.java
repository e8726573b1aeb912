package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Lazy;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What each wrong use of the annotation is told, before the first call.
 */
class InvalidNbLockedTests {

	@Test
	void aFinalMethod() {
		assertRefused(FinalMethod.class, "FinalMethod.work(String)", "method is final", "Remove 'final'");
	}

	@Test
	void aPrivateMethod() {
		assertRefused(PrivateMethod.class, "PrivateMethod.work(String)", "method is private", "Make it public");
	}

	@Test
	void aStaticMethod() {
		assertRefused(StaticMethod.class, "StaticMethod.work(String)", "method is static", "method of the bean");
	}

	@Test
	void aFinalClass() {
		assertRefused(FinalClass.class, "FinalClass.work(String)", "FinalClass is final", "non-final");
	}

	@Test
	void aMethodThatTheProxiedInterfacesDoNotHave() {
		assertRefused(Map.of("classes", "false"), NotOfInterface.class, "NotOfInterface.work(String)",
				"proxied by its interfaces", "Declare the method in an interface");
	}

	@Test
	void anExpressionThatDoesNotParse() {
		assertRefused(NotParsing.class, "NotParsing.work(String)", "not valid SpEL: '#id.('", "Correct the expression");
	}

	@Test
	void aBlankExpression() {
		assertRefused(Blank.class, "Blank.work(String)", "has no expression", "Name the object to lock");
	}

	@Test
	void aVariableThatIsNoParameter() {
		assertRefused(Typo.class, "Typo.work(String, int)", "#netwrokId, which is no parameter",
				"Use what exists: #a0 to #a1, #count, #networkId, #root.");
	}

	@Test
	void aVariableDeepInsideAnExpression() {
		assertRefused(DeepTypo.class, "DeepTypo.work(String)", "#typo, which is no parameter", "#networkId");
	}

	@Test
	void aParameterByNameWhereNamesAreNotCompiledIn() throws NoSuchMethodException {
		// The classes of the JDK are compiled without their parameters' names.
		Method method = String.class.getMethod("concat", String.class);
		SpelExpression expression = new SpelExpressionParser().parseRaw("#str");
		assertThatExceptionOfType(InvalidNbLockedException.class)
			.isThrownBy(() -> new ExpressionVariables(method, method).usedBy(expression.getAST()))
			.satisfies((ex) -> assertThat(ex.getAction()).contains("#a0", "-parameters"));
	}

	@Test
	void aPositionThatTheMethodDoesNotHave() {
		assertRefused(WrongPosition.class, "WrongPosition.work(String)", "#a1, which is no parameter", "#a0");
	}

	@Test
	void aFunction() {
		assertRefused(Function.class, "Function.work(String)", "a function that does not exist", "@bean.method");
	}

	@Test
	void aWaitThatIsNoDuration() {
		assertRefused(BadWait.class, "BadWait.work(String)", "waitTime \"soon\"", "5s");
	}

	@Test
	void aNegativeWait() {
		assertRefused(NegativeWait.class, "NegativeWait.work(String)", "negative waitTime", "zero or more");
	}

	@Test
	void aLeaseThatIsTooShort() {
		assertRefused(ShortLease.class, "ShortLease.work(String)", "lease PT0.099S", "100ms or more");
	}

	@Test
	void notBlockingTogetherWithAWait() {
		assertRefused(Contradiction.class, "Contradiction.work(String)", "block = false and waitTime",
				"Remove one of them");
	}

	@Test
	void aScopeWithAColon() {
		assertRefused(Colon.class, "Colon.work(String)", "scope 'a:b'", "without a colon");
	}

	@Test
	void aPlaceholderThatIsNotDefined() {
		assertRefused(NoSuchPlaceholder.class, "NoSuchPlaceholder.work(String)", "not.there", "${name:default}");
	}

	@Test
	void aMethodThatReturnsBeforeItsWorkIsDone() {
		assertRefused(Future.class, "Future.work(String)", "returns before its work is done",
				"DistributedLock.acquire");
		assertRefused(Reactive.class, "Reactive.work(String)", "returns before its work is done", "not supported yet");
	}

	@Test
	void aMethodThatAsyncStartsInsideTheLock() {
		FailureAnalysis analysis = analyze(Map.of(), AsyncInside.class, AsyncFirst.class);
		assertThat(analysis.getDescription()).contains("AsyncInside.work(String)", "@Async");
		assertThat(analysis.getAction()).contains("Remove 'order' from @EnableAsync");
	}

	@Test
	void aLazyBeanIsToldWhenItIsCreated() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(LazyTypo.class)) {
			Throwable failure = catchThrowable(() -> context.getBean(LazyTypo.class));
			assertThat(new InvalidNbLockedFailureAnalyzer().analyze(failure)).isNotNull();
		}
	}

	private static void assertRefused(Class<?> type, String where, String why, String action) {
		assertRefused(Map.of(), type, where, why, action);
	}

	private static void assertRefused(Map<String, Object> properties, Class<?> type, String where, String why,
			String action) {
		FailureAnalysis analysis = analyze(properties, type);
		assertThat(analysis.getDescription() + analysis.getAction()).contains("@NbLocked on " + type.getName())
			.contains(where, why, action);
	}

	private static FailureAnalysis analyze(Map<String, Object> properties, Class<?>... types) {
		Throwable failure = catchThrowable(() -> AspectFixture.context(properties, types).close());
		assertThat(failure).as("start with " + types[0].getSimpleName()).isNotNull();
		@Nullable FailureAnalysis analysis = new InvalidNbLockedFailureAnalyzer().analyze(failure);
		assertThat(analysis).as("analysis of " + failure).isNotNull();
		return Objects.requireNonNull(analysis);
	}

	static class FinalMethod {

		@NbLocked("#id")
		public final void work(String id) {
		}

	}

	static class PrivateMethod {

		@NbLocked("#id")
		private void work(String id) {
		}

	}

	static class StaticMethod {

		@NbLocked("#id")
		public static void work(String id) {
		}

	}

	static final class FinalClass {

		@NbLocked("#id")
		public void work(String id) {
		}

	}

	static class NotOfInterface implements Api {

		@Override
		public void other() {
		}

		@NbLocked("#id")
		public void work(String id) {
		}

	}

	interface Api {

		void other();

	}

	static class NotParsing {

		@NbLocked("#id.(")
		public void work(String id) {
		}

	}

	static class Blank {

		@NbLocked(" ")
		public void work(String id) {
		}

	}

	static class Typo {

		@NbLocked("#netwrokId")
		public void work(String networkId, int count) {
		}

	}

	static class DeepTypo {

		@NbLocked("{#networkId, 'x-' + (#networkId.isEmpty() ? 'a' : #typo.trim())}")
		public void work(String networkId) {
		}

	}

	static class WrongPosition {

		@NbLocked("#a1")
		public void work(String id) {
		}

	}

	static class Function {

		@NbLocked("#hash(#id)")
		public void work(String id) {
		}

	}

	static class BadWait {

		@NbLocked(value = "#id", waitTime = "soon")
		public void work(String id) {
		}

	}

	static class NegativeWait {

		@NbLocked(value = "#id", waitTime = "-1s")
		public void work(String id) {
		}

	}

	static class ShortLease {

		@NbLocked(value = "#id", lease = "99ms")
		public void work(String id) {
		}

	}

	static class Contradiction {

		@NbLocked(value = "#id", block = false, waitTime = "1s")
		public void work(String id) {
		}

	}

	static class Colon {

		@NbLocked(value = "#id", scope = "a:b")
		public void work(String id) {
		}

	}

	static class NoSuchPlaceholder {

		@NbLocked(value = "#id", scope = "${not.there}")
		public void work(String id) {
		}

	}

	static class Future {

		@NbLocked("#id")
		public CompletableFuture<String> work(String id) {
			return CompletableFuture.completedFuture(id);
		}

	}

	static class Reactive {

		@NbLocked("#id")
		public Flow.@Nullable Publisher<String> work(String id) {
			return null;
		}

	}

	static class AsyncInside {

		@Async
		@NbLocked("#id")
		public void work(String id) {
		}

	}

	@EnableAsync(order = 0, proxyTargetClass = true)
	static class AsyncFirst {

	}

	@Lazy
	static class LazyTypo {

		@NbLocked("#typo")
		public void work(String id) {
		}

	}

}
