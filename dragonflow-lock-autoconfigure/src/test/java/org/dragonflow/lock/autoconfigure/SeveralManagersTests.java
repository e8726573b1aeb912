package org.dragonflow.lock.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockRecord;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Where the transaction of one manager stands inside that of another, what is locked in
 * it is held until the outermost one has completed.
 */
class SeveralManagersTests {

	private static final String ID = "net-1";

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	private final List<String> calls = new ArrayList<>();

	private DistributedLock lock;

	@BeforeEach
	void start() {
		TestPropertyValues.of("dragonflow.lock.driver=local", "dragonflow.lock.lease=1s").applyTo(this.context);
		this.context.register(Managers.class);
		this.context.refresh();
		this.lock = this.context.getBean(DistributedLock.class);
	}

	@AfterEach
	void close() {
		this.context.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aHoldOfTheInnerLastsUntilTheOuterHasCompleted(boolean commit) {
		in("a").executeWithoutResult((outer) -> {
			in("b").executeWithoutResult((inner) -> {
				lockAndUnlock();
				if (!commit) {
					inner.setRollbackOnly();
				}
			});
			assertThat(isHeld()).as("held after inner").isTrue();
			afterCompletion(() -> note("outer's callback"));
			if (!commit) {
				outer.setRollbackOnly();
			}
		});
		assertThat(this.calls).containsExactly("outer's callback, held");
		assertReleased();
	}

	@Test
	void aHoldOfTheInnermostOfThreeLastsUntilTheOutermostHasCompleted() {
		in("a").executeWithoutResult((first) -> {
			in("b").executeWithoutResult((second) -> {
				in("c").executeWithoutResult((third) -> lockAndUnlock());
				assertThat(isHeld()).as("held after the third").isTrue();
			});
			assertThat(isHeld()).as("held after the second").isTrue();
			lockAndUnlock();
		});
		assertReleased();
	}

	@Test
	void aHoldOfBothIsReleasedOnce() {
		in("a").executeWithoutResult((outer) -> {
			lockAndUnlock();
			in("b").executeWithoutResult((inner) -> lockAndUnlock());
			in("b").executeWithoutResult((inner) -> lockAndUnlock());
			assertThat(isHeld()).as("held after inner").isTrue();
		});
		assertReleased();
	}

	@Test
	void anInnerThatNobodyIsToldOfLeavesItToTheOuter() {
		this.context.getBean("b", AbstractPlatformTransactionManager.class)
			.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		in("a").executeWithoutResult((outer) -> {
			in("b").executeWithoutResult((inner) -> lockAndUnlock());
			assertThat(isHeld()).as("held after inner").isTrue();
		});
		assertReleased();
	}

	@Test
	void anOuterThatIsSuspendedKeepsNothing() {
		TransactionTemplate anew = in("a");
		anew.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		TransactionTemplate without = in("a");
		without.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
		in("a").executeWithoutResult((outer) -> {
			anew.executeWithoutResult((inner) -> lockAndUnlock());
			assertThat(isHeld()).as("held after an independent one").isFalse();
			without.executeWithoutResult((none) -> {
				lockAndUnlock();
				assertThat(isHeld()).as("held without one").isFalse();
				in("b").executeWithoutResult((inner) -> lockAndUnlock());
				assertThat(isHeld()).as("held after the only active one").isFalse();
			});
		});
		assertReleased();
	}

	@Test
	void whatIsIndependentOfTheInnerIsStillInsideTheOuter() {
		TransactionTemplate anew = in("b");
		anew.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		in("a").executeWithoutResult((outer) -> {
			in("b").executeWithoutResult((inner) -> anew.executeWithoutResult((innermost) -> lockAndUnlock()));
			assertThat(isHeld()).as("held after inner").isTrue();
		});
		assertReleased();
	}

	@Test
	@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void whatIsPutAwayIsTakenBack() {
		TransactionTemplate anew = in("a");
		anew.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		in("a").executeWithoutResult((outer) -> {
			in("b").executeWithoutResult((inner) -> {
			});
			anew.executeWithoutResult((independent) -> lockAndUnlock());
			assertThat(isHeld()).as("held after an independent one").isFalse();
		});
		in("b").executeWithoutResult((next) -> lockAndUnlock());
		assertReleased();
	}

	@Test
	void aLossAfterTheInnerRollsTheOuterBack() {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> in("a").executeWithoutResult((outer) -> {
			in("b").executeWithoutResult((inner) -> lockAndUnlock());
			lose();
		}));
		assertReleased();
	}

	@Test
	void aTransactionThatCannotBeginChangesNothing() {
		TransactionTemplate failing = in("b");
		this.context.getBean("databaseOfB", JdbcDataSource.class).setUrl("jdbc:h2:mem:missing;IFEXISTS=TRUE");
		in("a").executeWithoutResult((outer) -> {
			assertThatExceptionOfType(CannotCreateTransactionException.class)
				.isThrownBy(() -> failing.executeWithoutResult((inner) -> {
				}));
			lockAndUnlock();
			assertThat(isHeld()).as("held in outer").isTrue();
		});
		assertReleased();
		assertThatIllegalStateException().isThrownBy(TransactionSynchronizationManager::getSynchronizations);
	}

	private void assertReleased() {
		assertThat(isHeld()).as("held after all").isFalse();
		assertThat(this.lock.held(ID)).as("this thread's hold after all").isNull();
	}

	private TransactionTemplate in(String manager) {
		return new TransactionTemplate(this.context.getBean(manager, AbstractPlatformTransactionManager.class));
	}

	private void lockAndUnlock() {
		this.lock.lock(ID);
		this.lock.unlock(ID);
	}

	private boolean isHeld() {
		return this.context.getBean(LockDriver.class).look(TransactionsFixture.key(ID)) != null;
	}

	private void lose() {
		LockDriver driver = this.context.getBean(LockDriver.class);
		LockRecord record = driver.look(TransactionsFixture.key(ID));
		assertThat(record).isNotNull();
		driver.breakHold(record.hold());
		LockHandle hold = this.lock.held(ID);
		assertThat(hold).isNotNull();
		await("the loss").until(() -> !hold.isHeld());
	}

	private void note(String call) {
		this.calls.add(call + (isHeld() ? ", held" : ", free"));
	}

	private static void afterCompletion(Runnable action) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int status) {
				action.run();
			}

		});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class })
	static class Managers {

		@Bean
		DataSourceTransactionManager a() {
			return new DataSourceTransactionManager(database("a"));
		}

		@Bean
		DataSourceTransactionManager b(JdbcDataSource databaseOfB) {
			return new DataSourceTransactionManager(databaseOfB);
		}

		@Bean
		DataSourceTransactionManager c() {
			return new DataSourceTransactionManager(database("c"));
		}

		@Bean
		JdbcDataSource databaseOfB() {
			return database("b");
		}

		private static JdbcDataSource database(String name) {
			JdbcDataSource database = new JdbcDataSource();
			database.setUrl("jdbc:h2:mem:several-managers-" + name);
			return database;
		}

	}

}
