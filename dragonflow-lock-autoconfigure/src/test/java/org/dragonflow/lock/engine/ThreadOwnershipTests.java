package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.Transactions.Kept;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What only some transaction managers do: they complete on a thread of their own.
 */
class ThreadOwnershipTests {

	private final LocalLockDriver store = new LocalLockDriver();

	private final AtomicReference<@Nullable Kept> kept = new AtomicReference<>();

	@Test
	void aTransactionThatCompletesOnAnotherThreadReleases() {
		try (LockEngine engine = engine()) {
			engine.lock("a");
			engine.unlock("a");
			assertThat(this.store.look(EngineFixture.key("a"))).as("The record before the completion").isNotNull();
			completeOnAnotherThread();
			assertThat(this.store.look(EngineFixture.key("a"))).as("The record after the completion").isNull();
			assertThat(engine.held("a")).as("what the thread holds").isNull();
			assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> engine.unlock("a"));
			engine.lock("a", false);
			assertThat(this.store.look(EngineFixture.key("a"))).as("The record of the next hold").isNotNull();
		}
	}

	@Test
	void aTransactionThatCompletesOnAnotherThreadLeavesWhatIsStillLocked() {
		try (LockEngine engine = engine()) {
			engine.lock("a");
			completeOnAnotherThread();
			assertThat(this.store.look(EngineFixture.key("a"))).as("The record after the completion").isNotNull();
			engine.unlock("a");
			assertThat(this.store.look(EngineFixture.key("a"))).as("The record after the unlock").isNull();
		}
	}

	@Test
	void allThatATransactionHasKeptIsReleasedByOneRequest() {
		FaultyDriver driver = new FaultyDriver(this.store.newClient());
		List<Kept> all = new ArrayList<>();
		try (LockEngine engine = engine(driver, all::add)) {
			engine.lock("a");
			engine.lock(LockRequest.of("b", "c")).close();
			engine.unlock("a");
			all.get(0).owner().transactionCompleted(all);
			assertThat(driver.releasesOfMany).as("releases of many")
				.singleElement()
				.satisfies((released) -> assertThat(released).hasSize(3));
			assertThat(driver.releases).as("releases of one").isEmpty();
		}
	}

	private LockEngine engine() {
		return engine(this.store.newClient(), (hold) -> this.kept.compareAndSet(null, hold));
	}

	private static LockEngine engine(LockDriver driver, Transactions transactions) {
		EngineSettings settings = new EngineSettings(EngineFixture.NAMESPACE, EngineSettings.newInstanceName(),
				Duration.ofMinutes(1), null, null, HandOver.DEFAULT);
		return new LockEngine(driver, settings, (event) -> {
		}, transactions, List.of(), ThreadSource.PLATFORM);
	}

	private void completeOnAnotherThread() {
		Kept hold = this.kept.get();
		assertThat(hold).as("what the transaction keeps").isNotNull();
		assertThat(CompletableFuture.runAsync(() -> hold.owner().transactionCompleted(List.of(hold))))
			.succeedsWithin(Duration.ofSeconds(30));
	}

}
