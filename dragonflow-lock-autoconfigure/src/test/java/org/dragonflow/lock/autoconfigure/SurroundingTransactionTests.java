package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What is locked inside a transaction is held until that has completed, and not longer.
 */
class SurroundingTransactionTests extends TransactionsFixture {

	@Test
	void aHoldLastsUntilTheCommitIsDone() {
		List<Boolean> heldAfterCommit = new ArrayList<>();
		this.transaction.executeWithoutResult((status) -> {
			afterCommit(() -> heldAfterCommit.add(isHeld(ID)));
			lockAndUnlock(ID);
			assertThat(isHeld(ID)).as("held after the last unlock").isTrue();
		});
		assertThat(heldAfterCommit).as("held when others work after the commit").containsExactly(true);
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@Test
	void aHoldLastsUntilTheRollback() {
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			status.setRollbackOnly();
			assertThat(isHeld(ID)).as("held after the last unlock").isTrue();
		});
		assertThat(isHeld(ID)).as("held after the rollback").isFalse();
	}

	@Test
	void aTransactionThatOnlyReadsIsOneLikeAnyOther() {
		this.transaction.setReadOnly(true);
		aHoldLastsUntilTheCommitIsDone();
	}

	@Test
	void allWaysToLockForAThreadAreTheSame() {
		this.transaction.executeWithoutResult((status) -> {
			this.lock.lock(LockRequest.of("a", "b")).close();
			assertThat(tryLock("c")).isTrue();
			this.lock.unlock("c");
			this.lock.run("d", () -> {
			});
			assertThat(List.of("a", "b", "c", "d")).as("held after the last unlock").allMatch(this::isHeld);
		});
		assertThat(List.of("a", "b", "c", "d")).as("held after the transaction").noneMatch(this::isHeld);
	}

	@Test
	void aHandleIsNotKept() throws InterruptedException {
		this.transaction.executeWithoutResult((status) -> {
			acquire(ID).close();
			assertThat(isHeld(ID)).as("held after the close").isFalse();
		});
	}

	@Test
	void theSameTransactionLocksAgainWithoutWaiting() {
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			long token = token();
			this.lock.lock(ID, false);
			this.lock.lock(ID, false);
			assertThat(token()).as("the token of the one hold").isEqualTo(token);
			this.lock.unlock(ID);
			this.lock.unlock(ID);
			assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> this.lock.unlock(ID))
				.withMessageContaining("a transaction keeps the lock");
			assertThatIllegalStateException().isThrownBy(() -> acquire(ID)).withMessageContaining("wait for itself");
			assertThat(isHeld(ID)).isTrue();
		});
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
		assertThat(this.lock.held(ID)).as("this thread's hold after the transaction").isNull();
	}

	@Test
	void whatIsStillLockedAfterTheTransactionStaysSo() {
		this.transaction.executeWithoutResult((status) -> this.lock.lock(ID));
		assertThat(isHeld(ID)).as("held after the transaction").isTrue();
		this.lock.unlock(ID);
		assertThat(isHeld(ID)).as("held after the unlock").isFalse();
	}

	@Test
	void whatWasLockedBeforeTheTransactionDoesNotBelongToIt() {
		this.lock.lock(ID);
		this.transaction.executeWithoutResult((status) -> {
			this.lock.unlock(ID);
			assertThat(isHeld(ID)).as("held after the unlock").isFalse();
		});
	}

	@Test
	void aLockTakenBeforeAndAgainInsideIsHeldUntilBothHaveEnded() {
		this.lock.lock(ID);
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			this.lock.unlock(ID);
			assertThat(isHeld(ID)).as("held although all is unlocked").isTrue();
		});
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@Test
	void aHoldBelongsToTheTransactionThatItWasTakenIn() {
		TransactionTemplate inner = with(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.transaction.executeWithoutResult((outerStatus) -> {
			this.lock.lock("outer");
			inner.executeWithoutResult((innerStatus) -> {
				this.lock.unlock("outer");
				lockAndUnlock("inner");
				assertThat(isHeld("inner")).as("inner's hold in it").isTrue();
			});
			assertThat(isHeld("inner")).as("inner's hold after it").isFalse();
			assertThat(isHeld("outer")).as("outer's hold after inner").isTrue();
		});
		assertThat(isHeld("outer")).as("outer's hold after it").isFalse();
	}

	@Test
	void aHoldOfTwoTransactionsLastsUntilBothHaveCompleted() {
		TransactionTemplate inner = with(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.transaction.executeWithoutResult((outerStatus) -> {
			lockAndUnlock(ID);
			inner.executeWithoutResult((innerStatus) -> lockAndUnlock(ID));
			assertThat(isHeld(ID)).as("held after inner").isTrue();
		});
		assertThat(isHeld(ID)).as("held after outer").isFalse();
	}

	@Test
	void aRollbackToASavepointEndsNothing() {
		TransactionTemplate nested = with(TransactionDefinition.PROPAGATION_NESTED);
		this.transaction.executeWithoutResult((status) -> {
			nested.executeWithoutResult((nestedStatus) -> {
				lockAndUnlock(ID);
				nestedStatus.setRollbackOnly();
			});
			assertThat(isHeld(ID)).as("held after the rollback to the savepoint").isTrue();
		});
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@Test
	void whereThereIsNoTransactionAnUnlockReleases() {
		with(TransactionDefinition.PROPAGATION_SUPPORTS).executeWithoutResult((status) -> {
			assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isTrue();
			lockAndUnlock(ID);
			assertThat(isHeld(ID)).as("held after the unlock").isFalse();
		});
	}

	@Test
	void aRequestThatIsRefusedLeavesNothing() throws InterruptedException {
		LockHandle other = this.lock.acquire(LockRequest.of("b"));
		this.transaction.executeWithoutResult((status) -> {
			assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> this.lock.lock(LockRequest.of("a", "b").withWait(Duration.ZERO)));
			assertThat(isHeld("a")).as("the part that was to be had").isFalse();
		});
		other.close();
	}

	@Test
	void aMethodThatIsCalledInsideATransactionHoldsUntilItHasCompleted() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class))
			.withPropertyValues("dragonflow.lock.driver=local")
			.withBean(Service.class)
			.run((context) -> {
				LockDriver store = context.getBean(LockDriver.class);
				this.transaction.executeWithoutResult((status) -> {
					context.getBean(Service.class).create(ID);
					assertThat(store.look(key(ID))).as("The record after the method").isNotNull();
					context.getBean(Service.class).create(ID);
				});
				assertThat(store.look(key(ID))).as("The record after the transaction").isNull();
				assertThat(context.getBean(DistributedLock.class).held(ID)).isNull();
			});
	}

	static class Service {

		@NbLocked("#id")
		public void create(String id) {
		}

	}

}
