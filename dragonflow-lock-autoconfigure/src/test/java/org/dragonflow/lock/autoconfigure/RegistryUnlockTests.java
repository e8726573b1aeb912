package org.dragonflow.lock.autoconfigure;

import java.util.concurrent.locks.Lock;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.integration.support.locks.LockRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an unlock of the LockRegistry does inside a transaction.
 */
class RegistryUnlockTests extends TransactionsFixture {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=local");

	@Test
	void theTransactionKeepsTheLock() {
		this.runner.run((context) -> {
			this.transaction.executeWithoutResult((status) -> {
				lockAndUnlock(context);
				assertThat(isHeld(context)).as("held after the unlock").isTrue();
			});
			assertThat(isHeld(context)).as("held after the transaction").isFalse();
		});
	}

	@Test
	void theLockIsReleasedAtOnceIfThatIsWanted() {
		this.runner.withPropertyValues("dragonflow.lock.transaction.registry-unlock=release").run((context) -> {
			DistributedLock own = context.getBean(DistributedLock.class);
			this.transaction.executeWithoutResult((status) -> {
				lockAndUnlock(context);
				assertThat(isHeld(context)).as("held after the unlock").isFalse();
				own.lock(ID);
				own.unlock(ID);
				lockAndUnlock(context);
				assertThat(isHeld(context)).as("held for whoever has locked otherwise").isTrue();
			});
			assertThat(isHeld(context)).as("held after the transaction").isFalse();
		});
	}

	@Test
	void anotherValueIsRefused() {
		this.runner.withPropertyValues("dragonflow.lock.transaction.registry-unlock=later")
			.run((context) -> assertThat(context).hasFailed().getFailure().rootCause().hasMessageContaining("later"));
	}

	private static void lockAndUnlock(AssertableApplicationContext context) {
		Lock lock = context.getBean(LockRegistry.class).obtain(ID);
		lock.lock();
		lock.unlock();
		assertThat(lock.tryLock()).isTrue();
		lock.unlock();
	}

	private static boolean isHeld(AssertableApplicationContext context) {
		return context.getBean(LockDriver.class).look(key(ID)) != null;
	}

}
