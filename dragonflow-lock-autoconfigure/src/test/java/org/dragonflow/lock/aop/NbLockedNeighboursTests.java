package org.dragonflow.lock.aop;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Consumer;

import jakarta.validation.ConstraintViolationException;
import jakarta.validation.constraints.NotBlank;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.dragonflow.lock.NbLocked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.TaskExecutor;
import org.springframework.resilience.annotation.ConcurrencyLimit;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.annotation.ScheduledAnnotationBeanPostProcessor;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PostAuthorize;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.validation.annotation.Validated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * In which order a bean's method is locked and what other annotations ask for, one test
 * for each row of the table in the documentation.
 */
class NbLockedNeighboursTests {

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void whoIsNotAuthorizedDoesNotWaitForTheLock() {
		in((context) -> {
			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> context.getBean(Orders.class).forbidden("a"));
			assertEvents(context);
		}, Orders.class, Security.class, Transactions.class);
	}

	@Test
	void whatIsAuthorizedAfterwardsIsJudgedWhenTheLockIsReleased() {
		in((context) -> {
			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> context.getBean(Orders.class).judged("a"));
			assertEvents(context, "lock [a]", "release [a]");
		}, Orders.class, Security.class);
	}

	@Test
	void anArgumentThatIsNotValidDoesNotWaitForTheLock() {
		in((context) -> {
			assertThatExceptionOfType(ConstraintViolationException.class)
				.isThrownBy(() -> context.getBean(ValidatedOrders.class).work(" "));
			assertEvents(context);
			context.getBean(ValidatedOrders.class).work("a");
			assertEvents(context, "lock [a]", "begin", "commit", "release [a]");
		}, ValidatedOrders.class, Validation.class, Transactions.class);
	}

	@Test
	void eachAttemptTakesTheLockAnew() {
		in((context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Orders.class).failing("a"));
			assertEvents(context, "lock [a]", "release [a]", "lock [a]", "release [a]");
		}, Orders.class, Resilience.class);
	}

	@Test
	void theNumberOfCallsIsLimitedOutsideTheLock() {
		in((context) -> assertThat(advice(context.getBean(Limited.class)))
			.containsSubsequence("ConcurrencyLimitInterceptor", "NbLockedInterceptor", "TransactionInterceptor"),
				Limited.class, Resilience.class, Transactions.class);
	}

	@Test
	void theThreadThatDoesTheWorkTakesTheLock() {
		in((context) -> assertAsynchronous(context, Orders.class), Orders.class, Asynchronous.class);
	}

	@Test
	void theThreadThatDoesTheWorkTakesTheLockWhateverTheOrder() {
		in((context) -> assertAsynchronous(context, Orders.class), Orders.class, AsynchronousFirst.class);
	}

	@Test
	void aCacheIsAskedUnderTheLock() {
		in((context) -> {
			context.getBean(Orders.class).cached("a");
			context.getBean(Orders.class).cached("a");
			assertEvents(context, "lock [a]", "release [a]", "lock [a]", "release [a]");
			assertThat(context.getBean(Orders.class).calls()).as("calls that the cache did not answer").isEqualTo(1);
		}, Orders.class, Caching.class);
	}

	@Test
	void aTransactionIsInsideTheLock() {
		in((context) -> {
			context.getBean(Orders.class).work("a");
			assertEvents(context, "lock [a]", "begin", "commit", "release [a]");
		}, Orders.class, Transactions.class);
	}

	@Test
	void aTransactionWithAnOrderBehindTheLocksIsInside() {
		in((context) -> {
			context.getBean(Orders.class).work("a");
			assertEvents(context, "lock [a]", "begin", "commit", "release [a]");
		}, Orders.class, LateTransactions.class);
	}

	@Test
	void aTransactionThatWouldBeginBeforeTheLockFailsTheStart() {
		Throwable failure = catchThrowable(() -> AspectFixture.context(Orders.class, EarlyTransactions.class).close());
		FailureAnalysis analysis = Objects.requireNonNull(new InvalidNbLockedFailureAnalyzer().analyze(failure));
		assertThat(analysis.getDescription()).contains("@NbLocked on ", "Orders.", "its transaction has the order 0",
				"whose order is 2147482647");
		assertThat(analysis.getAction()).contains("dragonflow.lock.aspect.order");
	}

	@Test
	void aTransactionOfAnotherMethodIsNoMistake() {
		in((context) -> {
			context.getBean(Separate.class).locked("a");
			context.getBean(Separate.class).inTransaction();
			assertEvents(context, "lock [a]", "release [a]", "begin", "commit");
		}, Separate.class, EarlyTransactions.class);
	}

	@Test
	void anEarlyTransactionIsInsideALockThatIsEarlierStill() {
		in(Map.of("order", "-1"), (context) -> {
			context.getBean(Orders.class).work("a");
			assertEvents(context, "lock [a]", "begin", "commit", "release [a]");
		}, Orders.class, EarlyTransactions.class);
	}

	@Test
	void anAspectIsOutsideIfItsOrderIsLowerAndInsideOtherwise() {
		in((context) -> {
			context.getBean(Orders.class).work("a");
			assertEvents(context, "outer", "lock [a]", "inner", "release [a]");
		}, Orders.class, Aspects.class);
	}

	@Test
	void theOrderOfTheLockIsAProperty() {
		in(Map.of("order", "0"), (context) -> {
			context.getBean(Orders.class).work("a");
			assertEvents(context, "lock [a]", "outer", "inner", "release [a]");
			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> context.getBean(Orders.class).forbidden("b"));
			assertThat(context.getBean(RecordingLock.class).events).contains("lock [b]");
		}, Orders.class, Aspects.class, Security.class);
	}

	@Test
	void aScheduledMethodIsLocked() {
		in((context) -> {
			context.getBean(ScheduledAnnotationBeanPostProcessor.class)
				.getScheduledTasks()
				.forEach((task) -> task.getTask().getRunnable().run());
			assertEvents(context, "lock [nightly]", "release [nightly]");
		}, Called.class, Scheduling.class);
	}

	@Test
	void anEventListenerIsLocked() {
		in((context) -> {
			context.publishEvent("order-1");
			assertEvents(context, "lock [order-1]", "release [order-1]");
		}, Called.class);
	}

	@Test
	void allOfThemTogetherAreInOrder() {
		in((context) -> assertThat(advice(context.getBean(Everything.class))).as("security has a wrapper")
			.containsSubsequence("DeferringMethodInterceptor", "MethodValidationInterceptor", "NbLockedInterceptor",
					"TransactionInterceptor")
			.containsSubsequence("NbLockedInterceptor", "CacheInterceptor")
			.containsSubsequence("RetryAnnotationInterceptor", "NbLockedInterceptor")
			.containsSubsequence("AnnotationAsyncExecutionInterceptor", "NbLockedInterceptor"), Everything.class,
				Security.class, Validation.class, Transactions.class, Caching.class, Resilience.class,
				Asynchronous.class);
	}

	private static List<String> advice(Object bean) {
		return Arrays.stream(((Advised) bean).getAdvisors())
			.map(Advisor::getAdvice)
			.map((advice) -> advice.getClass().getSimpleName())
			.toList();
	}

	private static void assertAsynchronous(AnnotationConfigApplicationContext context, Class<Orders> type) {
		context.getBean(type).later("a");
		assertEvents(context);
		context.getBean(WaitingTasks.class).tasks.forEach(Runnable::run);
		assertEvents(context, "lock [a]", "release [a]");
	}

	private static void assertEvents(AnnotationConfigApplicationContext context, String... events) {
		assertThat(context.getBean(RecordingLock.class).events).containsExactly(events);
	}

	private static void in(Consumer<AnnotationConfigApplicationContext> action, Class<?>... components) {
		in(Map.of(), action, components);
	}

	private static void in(Map<String, Object> properties, Consumer<AnnotationConfigApplicationContext> action,
			Class<?>... components) {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("user", "", "USER"));
		try (AnnotationConfigApplicationContext context = AspectFixture.context(properties, components)) {
			action.accept(context);
		}
	}

	static class Orders {

		private int calls;

		int calls() {
			return this.calls;
		}

		@Transactional
		@NbLocked("#id")
		public void work(String id) {
		}

		@PreAuthorize("denyAll")
		@Transactional
		@NbLocked("#id")
		public void forbidden(String id) {
		}

		@PostAuthorize("denyAll")
		@NbLocked("#id")
		public void judged(String id) {
		}

		@Retryable(maxRetries = 1, delay = 0)
		@NbLocked("#id")
		public void failing(String id) {
			throw new IllegalStateException("again");
		}

		@Async
		@NbLocked("#id")
		public void later(String id) {
		}

		@Cacheable("orders")
		@NbLocked("#id")
		public String cached(String id) {
			this.calls++;
			return id;
		}

	}

	@Validated
	static class ValidatedOrders {

		@Transactional
		@NbLocked("#id")
		public void work(@NotBlank String id) {
		}

	}

	static class Limited {

		@ConcurrencyLimit(1)
		@Transactional
		@NbLocked("#id")
		public void work(String id) {
		}

	}

	static class Separate {

		@NbLocked("#id")
		public void locked(String id) {
		}

		@Transactional
		public void inTransaction() {
		}

	}

	@Validated
	static class Everything {

		@PreAuthorize("permitAll")
		@Retryable
		@ConcurrencyLimit(1)
		@Async
		@Cacheable("orders")
		@Transactional
		@NbLocked("#id")
		public void work(@NotBlank String id) {
		}

	}

	static class Called {

		@Scheduled(fixedDelay = 1_000_000_000, initialDelay = 1_000_000_000)
		@NbLocked("'nightly'")
		public void nightly() {
		}

		@EventListener
		@NbLocked("#event")
		public void on(String event) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	static class Security {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(ValidationAutoConfiguration.class)
	static class Validation {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods
	static class Resilience {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class Scheduling {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	@Import(WaitingTasks.class)
	static class Asynchronous {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(order = 0)
	@Import(WaitingTasks.class)
	static class AsynchronousFirst {

	}

	@Component
	static class WaitingTasks implements TaskExecutor {

		final Queue<Runnable> tasks = new ArrayDeque<>();

		@Override
		public void execute(Runnable task) {
			this.tasks.add(task);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching
	static class Caching {

		@Bean
		CacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	@Import(RecordingTransactions.class)
	static class Transactions {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = Ordered.LOWEST_PRECEDENCE - 10)
	@Import(RecordingTransactions.class)
	static class LateTransactions {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = 0)
	@Import(RecordingTransactions.class)
	static class EarlyTransactions {

	}

	@Component
	static class RecordingTransactions extends AbstractPlatformTransactionManager {

		private static final long serialVersionUID = 1L;

		private final transient RecordingLock lock;

		RecordingTransactions(RecordingLock lock) {
			this.lock = lock;
		}

		@Override
		protected Object doGetTransaction() {
			return "transaction";
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.lock.events.add("begin");
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			this.lock.events.add("commit");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			this.lock.events.add("rollback");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy
	@Import({ Outer.class, Inner.class })
	static class Aspects {

	}

	@Aspect
	@Order(1)
	static class Outer {

		private final RecordingLock lock;

		Outer(RecordingLock lock) {
			this.lock = lock;
		}

		@Around("execution(* work(String)) && within(org.dragonflow.lock.aop.NbLockedNeighboursTests.Orders)")
		Object around(ProceedingJoinPoint call) throws Throwable {
			this.lock.events.add("outer");
			return call.proceed();
		}

	}

	@Aspect
	static class Inner {

		private final RecordingLock lock;

		Inner(RecordingLock lock) {
			this.lock = lock;
		}

		@Around("execution(* work(String)) && within(org.dragonflow.lock.aop.NbLockedNeighboursTests.Orders)")
		Object around(ProceedingJoinPoint call) throws Throwable {
			this.lock.events.add("inner");
			return call.proceed();
		}

	}

}
