package org.dragonflow.lock.aop;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.NbLocked;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What surrounds what, and which exception wins.
 */
@ExtendWith(OutputCaptureExtension.class)
class NbLockedInterceptorTests {

	@Test
	void theLockIsTakenBeforeATransactionBeginsAndReleasedAfterItsCommit() {
		assertTransactionInside(Transactions.class);
	}

	@Test
	void theLockSurroundsATransactionOfWhateverOrder() {
		assertTransactionInside(OutermostTransactions.class);
	}

	private static void assertTransactionInside(Class<?> configuration) {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(configuration, Service.class)) {
			RecordingLock lock = context.getBean(RecordingLock.class);
			context.getBean(Service.class).transactional("net-1", lock.events);
			assertThat(lock.events).containsExactly("lock [net-1]", "begin", "work", "commit", "release [net-1]");
		}
	}

	@Test
	void theThreadThatWorksForAsyncTakesTheLock() throws InterruptedException {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(AsyncConfiguration.class,
				Service.class)) {
			RecordingLock lock = context.getBean(RecordingLock.class);
			CountDownLatch mayWork = new CountDownLatch(1);
			context.getBean(Service.class).async("net-1", lock.events, mayWork);
			assertThat(lock.events).as("the caller has returned").doesNotContain("release [net-1]");
			mayWork.countDown();
			context.close();
			assertThat(lock.events).containsExactly("lock [net-1]", "work", "release [net-1]");
		}
	}

	@Test
	void eachRetryTakesTheLockAnew() throws IOException {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Retries.class, Service.class)) {
			RecordingLock lock = context.getBean(RecordingLock.class);
			context.getBean(Service.class).retried("a", lock.events);
			assertThat(lock.events).containsExactly("lock [a]", "work", "release [a]", "lock [a]", "work",
					"release [a]");
		}
	}

	@Test
	void theExceptionOfTheWorkWinsOverThatOfTheRelease() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Service.class)) {
			LockLostException lost = new LockLostException("a", "gone");
			context.getBean(RecordingLock.class).failureOfRelease = lost;
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> context.getBean(Service.class).fail("a"))
				.withMessage("work failed")
				.satisfies((ex) -> assertThat(ex.getSuppressed()).containsExactly(lost));
		}
	}

	@Test
	void aLossIsToldAlthoughTheWorkIsDone() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Service.class)) {
			context.getBean(RecordingLock.class).failureOfRelease = new LockLostException("a", "gone");
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> context.getBean(Service.class).succeed("a"));
		}
	}

	@Test
	void aReleaseThatIsNotConfirmedIsLoggedAndTheResultReturned(CapturedOutput output) {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Service.class)) {
			context.getBean(RecordingLock.class).failureOfRelease = LockStoreException.unreachable("no answer", null);
			assertThat(context.getBean(Service.class).succeed("a")).isEqualTo("done");
			assertThat(output).contains("WARN", "[a] was not confirmed", "no answer");
		}
	}

	static class Service {

		@NbLocked("#id")
		@Transactional
		public void transactional(String id, List<String> events) {
			events.add("work");
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCompletion(int status) {
					events.add((status == STATUS_COMMITTED) ? "commit" : "rollback");
				}

			});
		}

		@Async
		@NbLocked("#id")
		public void async(String id, List<String> events, CountDownLatch mayWork) throws InterruptedException {
			assertThat(mayWork.await(1, TimeUnit.MINUTES)).isTrue();
			events.add("work");
		}

		@Retryable(maxRetries = 1, delay = 1)
		@NbLocked("#id")
		public void retried(String id, List<String> events) throws IOException {
			boolean first = !events.contains("work");
			events.add("work");
			if (first) {
				throw new IOException("once");
			}
		}

		@NbLocked("#id")
		public void fail(String id) throws IOException {
			throw new IOException("work failed");
		}

		@NbLocked("#id")
		public String succeed(String id) {
			return "done";
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

		@Bean
		DataSource dataSource() {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setUrl("jdbc:h2:mem:" + NbLockedInterceptorTests.class.getSimpleName());
			return dataSource;
		}

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource, RecordingLock lock) {
			return new DataSourceTransactionManager(dataSource) {

				@Override
				protected void doBegin(Object transaction, TransactionDefinition definition) {
					lock.events.add("begin");
					super.doBegin(transaction, definition);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true, order = Integer.MIN_VALUE)
	static class OutermostTransactions extends Transactions {

	}

	@EnableAsync(proxyTargetClass = true)
	@Configuration(proxyBeanMethods = false)
	static class AsyncConfiguration {

		@Bean
		ThreadPoolTaskExecutor taskExecutor() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setWaitForTasksToCompleteOnShutdown(true);
			executor.setAwaitTerminationSeconds(60);
			return executor;
		}

	}

	@EnableResilientMethods(proxyTargetClass = true)
	static class Retries {

	}

}
