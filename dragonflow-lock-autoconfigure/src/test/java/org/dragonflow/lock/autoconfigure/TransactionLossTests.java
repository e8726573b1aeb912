package org.dragonflow.lock.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.Transactions.Kept;
import org.dragonflow.lock.engine.Transactions.Owner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a transaction is told of a lock that it keeps and that does not end as it should.
 */
@ExtendWith(OutputCaptureExtension.class)
class TransactionLossTests extends TransactionsFixture {

	@Test
	void aLossBeforeTheCommitRollsBack() {
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
				this.lock.run(ID, () -> this.database.update("INSERT INTO network VALUES ('a')"));
				lose(ID);
			}));
		assertThat(this.database.queryForObject("SELECT count(*) FROM network", Integer.class))
			.as("Rows written under a lock that was lost")
			.isZero();
		assertThat(this.lock.held(ID)).as("this thread's hold after the transaction").isNull();
		this.transaction.executeWithoutResult((status) -> lockAndUnlock(ID));
	}

	@Test
	void aLossIsToldByTheUnlockAndByTheNextLockOfTheSameTransactionToo() {
		this.transaction.executeWithoutResult((status) -> {
			this.lock.lock(ID);
			lose(ID);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.lock.unlock(ID));
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.lock.lock(ID));
			status.setRollbackOnly();
		});
		lockAndUnlock(ID);
	}

	@Test
	void aLossAfterTheCommitIsLogged(CapturedOutput output) {
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			afterCommit(() -> lose(ID));
		});
		assertThat(output).contains("transaction, which has been committed", "was lost before it was released");
	}

	@Test
	void aReleaseThatFailsIsLoggedAndTheOthersAreDone(CapturedOutput output) {
		List<String> completed = new ArrayList<>();
		this.transaction.executeWithoutResult((status) -> {
			this.transactions.keep(new KeptInTest(() -> completed.add("first")));
			this.transactions.keep(new KeptInTest(() -> {
				throw LockStoreException.unreachable("no answer", null);
			}));
		});
		assertThat(output).contains("WARN", "transaction, which has been committed", "no answer");
		assertThat(completed).containsExactly("first");
	}

	private record KeptInTest(Runnable atCompletion) implements Kept, Owner {

		@Override
		public void checkBeforeCommit() {
		}

		@Override
		public Owner owner() {
			return this;
		}

		@Override
		public void transactionCompleted(Collection<Kept> holds) {
			this.atCompletion.run();
		}

	}

}
