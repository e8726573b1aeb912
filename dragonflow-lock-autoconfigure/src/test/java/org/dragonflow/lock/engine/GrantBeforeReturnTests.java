package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * What is said of a grant after the store has given it, and before the one who has asked
 * can know: it is told to that one.
 */
@Timeout(60)
class GrantBeforeReturnTests {

	/**
	 * Who says it, and what.
	 */
	enum Word {

		BREAK_BY_PEOPLE((fixture, objectId) -> {
			StoredHold seen = fixture.engine.look(objectId);
			assertThat(seen).isNotNull();
			assertThat(fixture.engine.breakHold(objectId, seen.owner())).as("broken").isTrue();
		}, true),

		LOSS_BY_THE_DRIVER(ScriptedEngine::lose, true),

		REQUEST_BY_PEOPLE((fixture,
				objectId) -> assertThat(fixture.engine.requestRevocation(objectId)).as("whether it is held").isTrue(),
				false),

		REQUEST_BY_THE_DRIVER(
				(fixture, objectId) -> fixture.driver.revocationListener.accept(fixture.driver.holdOf(objectId)),
				false);

		private final BiConsumer<ScriptedEngine, String> say;

		private final boolean loss;

		Word(BiConsumer<ScriptedEngine, String> say, boolean loss) {
			this.say = say;
			this.loss = loss;
		}

	}

	private volatile @Nullable Runnable inScope;

	private final ScriptedEngine fixture = new ScriptedEngine(Duration.ofSeconds(30), (parts) -> {
		parts.handOver = new HandOver(10, Duration.ofMinutes(1));
		parts.observers = List.of(new LockObserver() {

			@Override
			public WaitScope openScope(LockWait wait) {
				return (outcome) -> {
					Runnable said = GrantBeforeReturnTests.this.inScope;
					if (said != null) {
						said.run();
					}
				};
			}

		});
	});

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@ParameterizedTest
	@EnumSource
	void ofOneId(Word word) {
		sayInTheStoresAnswer(word, Call.ACQUIRE, "net-1");
		assertHeard(word, this.fixture.acquire("net-1"), "net-1");
	}

	@ParameterizedTest
	@EnumSource
	void ofAThreadsOwnLock(Word word) {
		sayInTheStoresAnswer(word, Call.ACQUIRE, "net-1");
		this.engine.lock("net-1");
		LockHandle handle = this.engine.held("net-1");
		assertThat(handle).isNotNull();
		assertThat(handle.isHeld()).isEqualTo(!word.loss);
		if (word.loss) {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.engine.unlock("net-1"));
		}
		else {
			this.engine.unlock("net-1");
		}
		awaitOneEvent(word, "net-1");
		assertCanBeLocked("net-1");
	}

	@ParameterizedTest
	@EnumSource
	void ofOneOfSeveralIds(Word word) {
		sayInTheStoresAnswer(word, Call.ACQUIRE_FREE, "net-2");
		assertHeard(word, this.fixture.acquire("net-1", "net-2", "net-3"), "net-2");
		assertCanBeLocked("net-1");
	}

	@ParameterizedTest
	@EnumSource
	void ofWhatIsHandedOverToAWaitingThread(Word word) throws Exception {
		this.engine.lock("net-1");
		CompletableFuture<LockHandle> waiter = ScriptedEngine.async(() -> this.engine.acquire(LockRequest.of("net-1")));
		soon("a waiter").until(() -> this.engine.snapshot("net-1", 1).waitingCount() == 1);
		// By the thread that has been woken, in its wait, once it has it.
		this.inScope = () -> {
			this.inScope = null;
			word.say.accept(this.fixture, "net-1");
		};
		this.engine.unlock("net-1");
		assertHeard(word, waiter.get(20, TimeUnit.SECONDS), "net-1");
	}

	@ParameterizedTest
	@EnumSource
	void ofWhatAWaitingThreadTakesFromTheStore(Word word) throws Exception {
		this.engine.changeSettings(new EngineSettings(EngineFixture.NAMESPACE, this.engine.settings().instance(),
				Duration.ofSeconds(30), null, null, HandOver.NONE));
		this.engine.lock("net-1");
		CompletableFuture<LockHandle> waiter = ScriptedEngine.async(() -> this.engine.acquire(LockRequest.of("net-1")));
		soon("a waiter").until(() -> this.engine.snapshot("net-1", 1).waitingCount() == 1);
		sayInTheStoresAnswer(word, Call.ACQUIRE, "net-1");
		this.engine.unlock("net-1");
		assertHeard(word, waiter.get(20, TimeUnit.SECONDS), "net-1");
	}

	private void sayInTheStoresAnswer(Word word, Call at, String objectId) {
		this.fixture.driver.after = (call, objectIds) -> {
			if (call == at && objectIds.contains(objectId)) {
				this.fixture.driver.after = ScriptedDriver.Step.NONE;
				word.say.accept(this.fixture, objectId);
			}
		};
	}

	private void assertHeard(Word word, LockHandle handle, String objectId) {
		assertThat(handle.isHeld()).as("held").isEqualTo(!word.loss);
		List<Thread> told = new ArrayList<>();
		AtomicInteger other = new AtomicInteger();
		handle.onLost(() -> (word.loss ? told : new ArrayList<Thread>()).add(Thread.currentThread()));
		handle.onRevocation(() -> {
			if (word.loss) {
				other.incrementAndGet();
			}
			else {
				told.add(Thread.currentThread());
			}
		});
		assertThat(told).as("an action that comes late is run at once").containsExactly(Thread.currentThread());
		assertThat(other).as("requests for the release of what is lost").hasValue(0);
		awaitOneEvent(word, objectId);
		if (word.loss) {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close);
		}
		else {
			handle.close();
		}
		assertCanBeLocked(objectId);
		assertThat(this.fixture.events).as("events in the end").hasSize(1);
	}

	private void awaitOneEvent(Word word, String objectId) {
		soon("the event").until(() -> !this.fixture.events.isEmpty());
		assertThat(this.fixture.events).singleElement()
			.isInstanceOf(word.loss ? LockLostEvent.class : LockRevocationEvent.class)
			.extracting(LockEvent::objectId)
			.isEqualTo(objectId);
	}

	private void assertCanBeLocked(String objectId) {
		soon("free").until(() -> this.fixture.isFreeForOthers(objectId));
		assertThat(ScriptedEngine.async(() -> {
			this.engine.lock(objectId, true);
			this.engine.unlock(objectId);
			return true;
		})).succeedsWithin(Duration.ofSeconds(20));
	}

}
