package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.engine.Transactions.Kept;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A thread that locks again and unlocks, while transactions that keep its hold complete
 * on other threads: the last of them releases, and no other.
 */
@Timeout(60)
class OwnershipRaceTests {

	private static final int ROUNDS = 3000;

	private final Queue<Kept> open = new ConcurrentLinkedQueue<>();

	private volatile boolean inTransaction;

	private final ScriptedEngine fixture = new ScriptedEngine(Duration.ofMinutes(10),
			(parts) -> parts.transactions = (hold) -> this.inTransaction && this.open.add(hold));

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void whatAThreadLocksIsHeldUntilItsLastUnlockAndTheLastCompletion() throws Exception {
		AtomicBoolean done = new AtomicBoolean();
		CompletableFuture<?> one = completesUntil(done);
		CompletableFuture<?> other = completesUntil(done);
		Random random = new Random(1);
		try {
			for (int round = 0; round < ROUNDS; round++) {
				int locks = 0;
				for (int step = 0; step < 6; step++) {
					if (locks == 0 || random.nextBoolean()) {
						this.inTransaction = random.nextInt(3) > 0;
						this.engine.lock("net-1");
						this.inTransaction = false;
						locks++;
					}
					else {
						this.engine.unlock("net-1");
						locks--;
					}
					if (locks > 0) {
						assertThat(this.engine.held("net-1")).as("what the thread holds").isNotNull();
						assertThat(this.fixture.isFreeForOthers("net-1")).as("free while it is locked").isFalse();
					}
				}
				for (; locks > 0; locks--) {
					this.engine.unlock("net-1");
				}
				assertThatExceptionOfType(IllegalMonitorStateException.class)
					.isThrownBy(() -> this.engine.unlock("net-1"));
			}
		}
		finally {
			done.set(true);
		}
		one.get(20, TimeUnit.SECONDS);
		other.get(20, TimeUnit.SECONDS);
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free in the end").isTrue();
		assertThat(this.engine.held("net-1")).as("held in the end").isNull();
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	private CompletableFuture<?> completesUntil(AtomicBoolean done) {
		return ScriptedEngine.async(() -> {
			while (true) {
				boolean last = done.get();
				Kept hold = this.open.poll();
				if (hold != null) {
					hold.owner().transactionCompleted(List.of(hold));
				}
				else if (last) {
					return true;
				}
				else {
					Thread.yield();
				}
			}
		});
	}

}
