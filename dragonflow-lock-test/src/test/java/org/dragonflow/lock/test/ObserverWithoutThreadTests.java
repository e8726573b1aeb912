package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.engine.WaitOutcome;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockThreads;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of an observer whose thread is not to be had at first: it hears of all in order,
 * later.
 */
class ObserverWithoutThreadTests {

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 3 })
	void whatCouldNotBeToldAtOnceIsToldInOrder(int refusals) {
		AtomicInteger left = new AtomicInteger(refusals);
		List<String> told = new CopyOnWriteArrayList<>();
		EngineSettings settings = new EngineSettings("test", "instance", Duration.ofSeconds(30), null, null,
				HandOver.DEFAULT);
		ThreadSource scarce = new ThreadSource((role) -> refusing(LockThreads.named(role), role, left), null);
		try (LockEngine engine = new LockEngine(new LocalLockDriver(), settings, (event) -> {
		}, Transactions.NONE, List.of(new Recorder(told)), scarce)) {
			engine.lock("a");
			engine.unlock("a");
			await("All is told").atMost(Duration.ofSeconds(10)).until(() -> told.size() >= 4);
		}
		assertThat(told).as("What the observer heard, with %s threads refused", refusals)
			.containsExactly("wait began", "hold began", "wait ended", "hold ended");
	}

	private static ThreadFactory refusing(ThreadFactory threads, String role, AtomicInteger left) {
		return (task) -> {
			if (role.contains("observer") && left.getAndDecrement() > 0) {
				throw new OutOfMemoryError("No thread for now");
			}
			return threads.newThread(task);
		};
	}

	private record Recorder(List<String> told) implements LockObserver {

		@Override
		public void waitBegan(LockWait wait) {
			this.told.add("wait began");
		}

		@Override
		public void waitEnded(LockWait wait, WaitOutcome outcome) {
			this.told.add("wait ended");
		}

		@Override
		public void holdBegan(LockHold hold) {
			this.told.add("hold began");
		}

		@Override
		public void holdEnded(LockHold hold, HoldOutcome outcome) {
			this.told.add("hold ended");
		}

	}

}
