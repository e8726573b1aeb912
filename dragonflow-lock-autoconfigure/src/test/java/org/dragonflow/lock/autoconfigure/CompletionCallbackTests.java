package org.dragonflow.lock.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.event.TransactionalEventListenerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What others do when a transaction has completed, they do under the locks that were
 * taken in it.
 */
class CompletionCallbackTests extends TransactionsFixture {

	private final List<String> calls = new ArrayList<>();

	@Test
	void aListenerAfterTheCommitRunsUnderTheLock() {
		try (GenericApplicationContext context = contextWith(new Listeners())) {
			this.transaction.executeWithoutResult((status) -> {
				lockAndUnlock(ID);
				context.publishEvent("created");
			});
		}
		assertThat(this.calls).containsExactlyInAnyOrder("committed, held", "completed, held");
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@Test
	void aListenerAfterTheRollbackRunsUnderTheLock() {
		try (GenericApplicationContext context = contextWith(new Listeners())) {
			this.transaction.executeWithoutResult((status) -> {
				lockAndUnlock(ID);
				context.publishEvent("created");
				status.setRollbackOnly();
			});
		}
		assertThat(this.calls).containsExactly("completed, held");
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@ParameterizedTest
	@EnumSource(Phase.class)
	void whatIsRegisteredAtAnyTimeIsCalledUnderTheLock(Phase phase) {
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			register(phase, () -> register(Phase.AFTER_COMPLETION, () -> note("registered " + phase)));
		});
		assertThat(this.calls).containsExactlyElementsOf(
				phase.isTooLateToRegister() ? List.of() : List.of("registered " + phase + ", held"));
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@ParameterizedTest
	@EnumSource(Phase.class)
	void whatIsLockedAtAnyTimeEndsAfterTheTransaction(Phase phase) {
		this.transaction.executeWithoutResult((status) -> {
			register(Phase.AFTER_COMPLETION, () -> this.calls.add("completed"));
			register(phase, () -> lockAndUnlock(ID));
			register(Phase.AFTER_COMPLETION, () -> this.calls.add("completed"));
		});
		assertThat(this.calls).containsExactly("completed", "completed");
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
		assertThat(this.lock.held(ID)).as("this thread's hold after the transaction").isNull();
	}

	@ParameterizedTest
	@EnumSource(Phase.class)
	void whatIsLockedAgainAtAnyTimeEndsAfterTheTransaction(Phase phase) {
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			register(phase, () -> {
				lockAndUnlock(ID);
				note("locked again");
			});
		});
		assertThat(this.calls).containsExactly("locked again, held");
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@ParameterizedTest
	@EnumSource(names = { "BEFORE_COMPLETION", "AFTER_COMMIT", "AFTER_COMPLETION" })
	void aCallbackMayBeginATransactionThatLocksTheSame(Phase phase) {
		this.transaction.executeWithoutResult((status) -> {
			lockAndUnlock(ID);
			register(phase, () -> {
				with(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult((inner) -> {
					lockAndUnlock(ID);
					lockAndUnlock("other");
				});
				note("inner has ended");
				assertThat(isHeld("other")).as("other after inner").isFalse();
			});
		});
		assertThat(this.calls).containsExactly("inner has ended, held");
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aCallbackThatThrowsKeepsNothingLocked(boolean before) {
		Runnable failing = () -> {
			throw new IllegalStateException("of the callback");
		};
		for (Phase phase : Phase.values()) {
			Runnable transaction = () -> this.transaction.executeWithoutResult((status) -> {
				if (before) {
					register(phase, failing);
				}
				lockAndUnlock(ID);
				register(Phase.AFTER_COMPLETION, () -> note(phase.name()));
				if (!before) {
					register(phase, failing);
				}
			});
			if (phase == Phase.BEFORE_COMMIT || phase == Phase.AFTER_COMMIT) {
				assertThatIllegalStateException().isThrownBy(transaction::run).withMessage("of the callback");
			}
			else {
				transaction.run();
			}
			assertThat(isHeld(ID)).as("held after one that failed " + phase).isFalse();
		}
		assertThat(this.calls).containsExactly("BEFORE_COMMIT, held", "BEFORE_COMPLETION, held", "AFTER_COMMIT, held",
				"AFTER_COMPLETION, held");
	}

	@Test
	void aTransactionThatAnotherMethodMarkedForRollbackIsNoDifferent() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
				lockAndUnlock(ID);
				register(Phase.AFTER_COMPLETION, () -> note("rolled back"));
				with(TransactionDefinition.PROPAGATION_REQUIRED)
					.executeWithoutResult(TransactionExecution::setRollbackOnly);
			}));
		assertThat(this.calls).containsExactly("rolled back, held");
		assertThat(isHeld(ID)).as("held after the transaction").isFalse();
	}

	private void note(String call) {
		this.calls.add(call + (isHeld(ID) ? ", held" : ", free"));
	}

	private static void register(Phase phase, Runnable action) {
		TransactionSynchronizationManager.registerSynchronization(new InPhase(phase, action));
	}

	private static GenericApplicationContext contextWith(Object listeners) {
		GenericApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(TransactionalEventListenerFactory.class);
		context.getBeanFactory().registerSingleton("listeners", listeners);
		context.refresh();
		return context;
	}

	enum Phase {

		BEFORE_COMMIT, BEFORE_COMPLETION, AFTER_COMMIT, AFTER_COMPLETION;

		boolean isTooLateToRegister() {
			return this == AFTER_COMPLETION;
		}

	}

	private record InPhase(Phase phase, Runnable action) implements TransactionSynchronization {

		@Override
		public void beforeCommit(boolean readOnly) {
			in(Phase.BEFORE_COMMIT);
		}

		@Override
		public void beforeCompletion() {
			in(Phase.BEFORE_COMPLETION);
		}

		@Override
		public void afterCommit() {
			in(Phase.AFTER_COMMIT);
		}

		@Override
		public void afterCompletion(int status) {
			in(Phase.AFTER_COMPLETION);
		}

		private void in(Phase now) {
			if (now == this.phase) {
				this.action.run();
			}
		}

	}

	class Listeners {

		@TransactionalEventListener
		void committed(String event) {
			note("committed");
		}

		@TransactionalEventListener(phase = TransactionPhase.AFTER_COMPLETION)
		void completed(String event) {
			note("completed");
		}

	}

}
