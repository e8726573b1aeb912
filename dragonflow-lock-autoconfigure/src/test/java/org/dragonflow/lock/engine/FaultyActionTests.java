package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * Actions and listeners of an application that fail or hang: the next ones are told all
 * the same.
 */
@Timeout(60)
class FaultyActionTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private final CountDownLatch end = new CountDownLatch(1);

	private volatile Runnable inListener = () -> {
	};

	private final ScriptedEngine fixture = new ScriptedEngine(LEASE,
			(parts) -> parts.listener = (event) -> this.inListener.run());

	@AfterEach
	void close() {
		this.end.countDown();
		this.fixture.close();
	}

	@Test
	void anActionRunsThoughTheOneBeforeItHasFailed() {
		assertSecondRuns(LockHandle::onLost, FaultyActionTests::fail);
		assertSecondRuns(LockHandle::onRevocation, FaultyActionTests::fail);
	}

	@Test
	void anActionRunsThoughTheOneBeforeItHangs() {
		assertSecondRuns(LockHandle::onLost, this::hang);
		assertSecondRuns(LockHandle::onRevocation, this::hang);
	}

	@Test
	void anActionRunsThoughTheListenerFails() {
		this.inListener = FaultyActionTests::fail;
		assertSecondRuns(LockHandle::onLost, FaultyActionTests::fail);
		assertSecondRuns(LockHandle::onRevocation, FaultyActionTests::fail);
		assertThat(this.fixture.events).as("events").hasSizeGreaterThanOrEqualTo(2);
	}

	@Test
	void anActionRunsThoughTheListenerHangs() {
		this.inListener = this::hang;
		assertSecondRuns(LockHandle::onLost, this::hang);
		assertSecondRuns(LockHandle::onRevocation, this::hang);
	}

	@Test
	void theListenerIsToldThoughItHasFailed() {
		this.inListener = FaultyActionTests::fail;
		for (int i = 0; i < 3; i++) {
			this.fixture.acquire("net-" + i);
			this.fixture.lose("net-" + i);
		}
		soon("all events").until(() -> this.fixture.events.size() == 3);
		assertThat(this.fixture.events).extracting(LockEvent::objectId)
			.containsExactlyInAnyOrder("net-0", "net-1", "net-2");
	}

	// More losses than there can be threads for those that hang.
	@Test
	void aListenerThatHangsEachTimeKeepsNoActionFromBeingRun() {
		this.inListener = this::hang;
		AtomicInteger told = new AtomicInteger();
		for (int i = 0; i < 50; i++) {
			this.fixture.acquire("net-" + i).onLost(told::incrementAndGet);
		}
		for (int i = 0; i < 50; i++) {
			this.fixture.lose("net-" + i);
		}
		soon("all actions").atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(told).as("actions that were run").hasValue(50));
	}

	@Test
	void anActionThatHangsEachTimeKeepsTheListenerFromNothing() {
		for (int i = 0; i < 50; i++) {
			this.fixture.acquire("net-" + i).onLost(this::hang);
		}
		for (int i = 0; i < 50; i++) {
			this.fixture.lose("net-" + i);
		}
		soon("all events").atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(this.fixture.events).as("events that were told").hasSize(50));
	}

	private void assertSecondRuns(BiConsumer<LockHandle, Runnable> register, Runnable first) {
		LockHandle handle = this.fixture.acquire("net-1");
		AtomicInteger told = new AtomicInteger();
		register.accept(handle, first);
		register.accept(handle, told::incrementAndGet);
		this.engine().requestRevocation("net-1");
		this.fixture.lose("net-1");
		soon("the second action").until(() -> told.get() == 1);
		assertThat(handle.isHeld()).isFalse();
		soon("free").until(() -> this.fixture.isFreeForOthers("net-1"));
	}

	private LockEngine engine() {
		return this.fixture.engine;
	}

	private static void fail() {
		throw new AssertionError("for the test");
	}

	private void hang() {
		ScriptedEngine.hang(this.end);
	}

}
