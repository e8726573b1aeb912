package org.dragonflow.lock.engine;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.Transactions.Kept;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * That what has ended can be collected, though a thread and its outer hold live on.
 */
@Timeout(60)
class EngineMemoryTests {

	private final Queue<Kept> kept = new ConcurrentLinkedQueue<>();

	private final Queue<WeakReference<Object>> holds = new ConcurrentLinkedQueue<>();

	private volatile boolean keeps;

	private final ScriptedEngine fixture = new ScriptedEngine(Duration.ofMinutes(10), (parts) -> {
		parts.transactions = (hold) -> this.keeps && this.kept.add(hold);
		parts.observers = List.of(new LockObserver() {

			@Override
			public void holdBegan(LockHold hold) {
				EngineMemoryTests.this.holds.add(new WeakReference<>(hold));
			}

		});
	});

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void actionsOfHandlesThatWereClosedInsideAnOuterHold() {
		this.engine.lock("net-1");
		WeakReference<Object> first = openAndClose();
		WeakReference<Object> inMany = null;
		for (int i = 0; i < 100_000; i++) {
			WeakReference<Object> one = openAndClose();
			inMany = (i == 50_000) ? one : inMany;
		}
		awaitCollected(first);
		assertThat(inMany).isNotNull();
		awaitCollected(inMany);
		assertThat(this.engine.held("net-1")).as("the outer hold").isNotNull();
		this.engine.unlock("net-1");
	}

	@Test
	void anActionThatComesAfterTheCloseOfItsHandle() {
		this.engine.lock("net-1");
		LockHandle handle = this.engine.lock(LockRequest.of("net-1"));
		handle.close();
		WeakReference<Object> reference = registerLate(handle);
		awaitCollected(reference);
		this.engine.unlock("net-1");
	}

	@Test
	void anActionThatHasRun() {
		this.engine.lock("net-1");
		LockHandle handle = this.engine.held("net-1");
		assertThat(handle).isNotNull();
		AtomicInteger ran = new AtomicInteger();
		WeakReference<Object> reference = registerCounted(handle, ran);
		this.engine.requestRevocation("net-1");
		soon("it has run").until(() -> ran.get() == 1);
		awaitCollected(reference);
		this.engine.unlock("net-1");
	}

	@Test
	void entriesOfTransactionsThatCompleteOnAnotherThread() {
		this.keeps = true;
		for (int i = 0; i < 100; i++) {
			this.engine.lock("net-" + i);
			this.engine.unlock("net-" + i);
		}
		completeElsewhere();
		soon("all were told").until(() -> this.holds.size() == 100);
		awaitCollected(List.copyOf(this.holds));
	}

	@Test
	void entriesOfAThreadThatHoldsSomethingElse() {
		this.engine.lock("outer");
		this.keeps = true;
		this.engine.lock("net-1");
		this.engine.unlock("net-1");
		completeElsewhere();
		this.engine.lock("net-2");
		assertThat(this.engine.held("net-1")).isNull();
		soon("all were told").until(() -> this.holds.size() == 3);
		awaitCollected(List.copyOf(this.holds).get(1));
	}

	private void completeElsewhere() {
		assertThat(CompletableFuture.runAsync(() -> {
			for (Kept hold = this.kept.poll(); hold != null; hold = this.kept.poll()) {
				hold.owner().transactionCompleted(List.of(hold));
			}
		})).succeedsWithin(Duration.ofSeconds(20));
	}

	private WeakReference<Object> openAndClose() {
		Object captured = new byte[100];
		try (LockHandle handle = this.engine.lock(LockRequest.of("net-1"))) {
			register(handle, captured);
		}
		return new WeakReference<>(captured);
	}

	private static WeakReference<Object> registerLate(LockHandle handle) {
		Object captured = new byte[100];
		register(handle, captured);
		return new WeakReference<>(captured);
	}

	private static WeakReference<Object> registerCounted(LockHandle handle, AtomicInteger ran) {
		Object captured = new byte[100];
		handle.onRevocation(() -> ran.addAndGet((captured != null) ? 1 : 2));
		return new WeakReference<>(captured);
	}

	private static void register(LockHandle handle, Object captured) {
		handle.onLost(captured::hashCode);
		handle.onRevocation(captured::hashCode);
	}

	private static void awaitCollected(WeakReference<Object> reference) {
		awaitCollected(List.of(reference));
	}

	private static void awaitCollected(List<WeakReference<Object>> references) {
		soon("collected").atMost(Duration.ofSeconds(10)).until(() -> {
			System.gc();
			return references.stream().allMatch((reference) -> reference.get() == null);
		});
	}

}
