package org.dragonflow.lock.console;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.console.StoreLooks.State;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Who holds elsewhere what is waited for here.
 */
@Timeout(60)
class StoreLooksTests {

	private final LocalLockDriver store = new LocalLockDriver();

	private final LockEngine here = engine(this.store, "here");

	private final LockEngine elsewhere = engine(this.store.newClient(), "elsewhere");

	private static LockEngine engine(LocalLockDriver driver, String instance) {
		return new LockEngine(driver,
				new EngineSettings("looks", instance, Duration.ofMinutes(1), null, null, HandOver.DEFAULT), (event) -> {
				});
	}

	@AfterEach
	void close() {
		this.here.close();
		this.elsewhere.close();
	}

	@Test
	void aHolderOfAnIdThatThePageHasCutIsFound() throws Exception {
		String id = "port/" + "x".repeat(500);
		LockHandle hold = this.elsewhere.acquire(LockRequest.of(id));
		CompletableFuture<Void> waiter = CompletableFuture.runAsync(() -> this.here.run(id, () -> {
		}));
		await("somebody waits").until(() -> this.here.snapshot(id, 1).waitingCount() == 1);
		StoreLooks looks = new StoreLooks(this.here);
		assertThat(looks.holderOf(Texts.cut(id)).state()).isEqualTo(State.HELD);
		assertThat(looks.holderOf("another").state()).isEqualTo(State.NOBODY_WAITS);
		hold.close();
		assertThat(waiter).succeedsWithin(Duration.ofSeconds(20));
	}

}
