package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What each wrong use of the annotation is told, before the first call.
 */
class InvalidNbLockedTests {

	@Test
	void aFinalMethod() {
		assertRefused(WrongUses.FinalMethod.class, "FinalMethod.work(String)", "method is final", "Remove 'final'");
	}

	@Test
	void aPrivateMethod() {
		assertRefused(WrongUses.PrivateMethod.class, "PrivateMethod.work(String)", "method is private",
				"Make it public");
	}

	@Test
	void aStaticMethod() {
		assertRefused(WrongUses.StaticMethod.class, "StaticMethod.work(String)", "method is static",
				"method of the bean");
	}

	@Test
	void aFinalClass() {
		assertRefused(WrongUses.FinalClass.class, "FinalClass.work(String)", "FinalClass is final", "non-final");
	}

	@Test
	void aMethodThatTheProxiedInterfacesDoNotHave() {
		assertRefused(Map.of("classes", "false"), WrongUses.NotOfInterface.class, "NotOfInterface.work(String)",
				"proxied by its interfaces", "Declare the method in an interface");
	}

	@Test
	void anExpressionThatDoesNotParse() {
		assertRefused(WrongUses.NotParsing.class, "NotParsing.work(String)", "not valid SpEL: '#id.('",
				"Correct the expression");
	}

	@Test
	void aBlankExpression() {
		assertRefused(WrongUses.Blank.class, "Blank.work(String)", "has no expression", "Name the object to lock");
	}

	@Test
	void aVariableThatIsNoParameter() {
		assertRefused(WrongUses.Typo.class, "Typo.work(String, int)", "#netwrokId, which is no parameter",
				"Use what exists: #a0 to #a1, #count, #networkId, #root.");
	}

	@Test
	void aVariableDeepInsideAnExpression() {
		assertRefused(WrongUses.DeepTypo.class, "DeepTypo.work(String)", "#typo, which is no parameter", "#networkId");
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
	void aParameterWithoutItsSign() {
		assertRefused(WrongUses.NoSign.class, "'id', which names a parameter without its '#'", "NoSign.work(String)",
				"Did you mean #id?");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			order.id                       | #order.id
			id + ':' + #order.id           | #id + ':' + #order.id
			'a' + id                       | 'a' + #id
			#id.concat(order.id)           | #id.concat(#order.id)
			{id, order.id}                 | {#id, #order.id}
			id ?: 'none'                   | #id ?: 'none'
			#id == null ? order.id : 'x'   | #id == null ? #order.id : 'x'
			#order[id.length()]            | #order[#id.length()]
			id.substring(id.length() - 1)  | #id.substring(#id.length() - 1)
			new String(id)                 | new String(#id)
			!id                            | !#id
			""")
	void aParameterWithoutItsSignAnywhere(String expression, String meant) {
		FailureAnalysis analysis = analyze(Map.of("the.id", expression), WrongUses.Configured.class);
		assertThat(analysis.getAction()).startsWith("Did you mean " + meant + "? The parameter is #");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			#root.id           | Did you mean #id?
			#this.order.id     | Did you mean #order?
			name               | put it in quotes: 'name'
			name + #id         | Use what exists: #a0 to #a1, #id, #order, #root.
			name.first         | Use what exists
			prefix()           | #root.target.prefix(...)
			prefix(#id).length | #root.target.prefix(...)
			""")
	void aNameThatTheRootDoesNotHave(String expression, String meant) {
		FailureAnalysis analysis = analyze(Map.of("the.id", expression), WrongUses.Configured.class);
		assertThat(analysis.getDescription()).contains(expression, "known");
		assertThat(analysis.getAction()).contains(meant);
	}

	@ParameterizedTest
	@ValueSource(strings = { "#root.args[0]", "args[0]", "method.name", "target.class.name", "class.name",
			"#order.ids.![name]", "#order.ids.?[active].![id]", "#order[id]", "{id: #id}.keySet()", "target()",
			"#root.method.name", "T(java.util.Locale).ROOT.toString()", "'id'", "#id", "@bean.id", "#order.id.order",
			"#order?.id", "#this.args[0]", "new java.util.Date().time" })
	void aNameThatTheRootOrAnythingElseHasIsNoMistake(String expression) {
		AspectFixture.context(Map.of("the.id", expression), WrongUses.Configured.class).close();
	}

	@Test
	void aPositionThatTheMethodDoesNotHave() {
		assertRefused(WrongUses.WrongPosition.class, "WrongPosition.work(String)", "#a1, which is no parameter", "#a0");
	}

	@Test
	void aFunction() {
		assertRefused(WrongUses.Function.class, "Function.work(String)", "a function that does not exist",
				"@bean.method");
	}

	@Test
	void aWaitThatIsNoDuration() {
		assertRefused(WrongUses.BadWait.class, "BadWait.work(String)", "waitTime \"soon\"", "5s");
	}

	@Test
	void aNegativeWait() {
		assertRefused(WrongUses.NegativeWait.class, "NegativeWait.work(String)", "negative waitTime", "zero or more");
	}

	@Test
	void aLeaseThatIsTooShort() {
		assertRefused(WrongUses.ShortLease.class, "ShortLease.work(String)", "lease PT0.099S", "100ms or more");
	}

	@Test
	void notBlockingTogetherWithAWait() {
		assertRefused(WrongUses.Contradiction.class, "Contradiction.work(String)", "block = false and waitTime",
				"Remove one of them");
	}

	@Test
	void aScopeWithAColon() {
		assertRefused(WrongUses.Colon.class, "Colon.work(String)", "scope 'a:b'", "without a colon");
	}

	@Test
	void aPlaceholderThatIsNotDefined() {
		assertRefused(WrongUses.NoSuchPlaceholder.class, "NoSuchPlaceholder.work(String)", "not.there",
				"${name:default}");
	}

	@Test
	void aMethodThatReturnsBeforeItsWorkIsDone() {
		assertRefused(WrongUses.Future.class, "Future.work(String)", "returns before its work is done",
				"CompletableFuture");
		assertRefused(WrongUses.Reactive.class, "Reactive.work(String)", "returns before its work is done",
				"DistributedLock.acquire");
	}

	@Test
	void aMethodThatAsyncStartsInsideTheLock() {
		FailureAnalysis analysis = analyze(Map.of(), WrongUses.AsyncInside.class, WrongUses.AsyncFirst.class,
				WrongUses.ProxiedAgain.class);
		assertThat(analysis.getDescription()).contains("AsyncInside.work(String)", "@Async");
		assertThat(analysis.getAction()).contains("Remove 'order' from @EnableAsync");
	}

	@ParameterizedTest
	@ValueSource(classes = { WrongUses.OnPostConstruct.class, WrongUses.OnAfterPropertiesSet.class,
			WrongUses.OnInitMethod.class })
	void aMethodThatInitialisesTheBean(Class<?> type) {
		assertCallbackRefused(type, "initialises the bean");
	}

	@ParameterizedTest
	@ValueSource(classes = { WrongUses.OnPreDestroy.class, WrongUses.OnDestroy.class, WrongUses.OnClose.class,
			WrongUses.OnInferredShutdown.class })
	void aMethodThatDestroysTheBean(Class<?> type) {
		assertCallbackRefused(type, "destroys the bean");
	}

	@ParameterizedTest
	@ValueSource(classes = { WrongUses.OnAutowired.class, WrongUses.OnAware.class })
	void aMethodThatInjectsIntoTheBean(Class<?> type) {
		assertCallbackRefused(type, "makes the bean");
	}

	@Test
	void aMethodThatAProxyAnswersItself() {
		assertRefused(WrongUses.OnEquals.class, "OnEquals.equals(Object)", "a proxy answers", "Remove");
	}

	@Test
	void whatSpringDoesNotCallItselfIsNoCallback() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(WrongUses.NotCalledBack.class)) {
			context.getBean("prototype", AutoCloseable.class);
			context.getBean("notClosed", AutoCloseable.class);
		}
	}

	private static void assertCallbackRefused(Class<?> type, String when) {
		FailureAnalysis analysis = analyze(Map.of(), type);
		assertThat(analysis.getDescription()).contains("@NbLocked on ", when, "past the bean's proxy");
		assertThat(analysis.getAction()).contains("another bean");
	}

	@Test
	void aLazyBeanIsToldWhenItIsCreated() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(WrongUses.LazyTypo.class)) {
			Throwable failure = catchThrowable(() -> context.getBean(WrongUses.LazyTypo.class));
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

}
