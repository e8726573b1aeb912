package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * The end of a chain of hand-overs, and the bounds of one.
 */
@Timeout(60)
class StepBackTests {

	private static final Duration LEASE = Duration.ofMinutes(10);

	private final ScriptedEngine fixture = new ScriptedEngine(LEASE,
			(parts) -> parts.handOver = new HandOver(1, Duration.ofMinutes(1)));

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void whatWaitsForItsTurnAfterAChainIsNotSaidToBeHeldByAThread() throws Exception {
		CountDownLatch ask = new CountDownLatch(1);
		this.engine.lock("net-1");
		// The pause is a fifth of the time since the grant, up to some bound.
		CompletableFuture<String> last = ScriptedEngine.async(() -> {
			this.engine.lock("net-1");
			soon("the other waiter").until(() -> this.engine.snapshot("net-1", 1).waitingCount() == 1);
			long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
			soon("some time since the grant").until(() -> System.nanoTime() > until);
			this.engine.unlock("net-1");
			try {
				this.engine.lock("net-1", false);
				return "it was to be had";
			}
			catch (LockUnavailableException ex) {
				return String.valueOf(ex.getMessage());
			}
		});
		awaitWaiting(1);
		// The next in line does not get it from the store until that was asked.
		this.fixture.driver.before = (call, objectIds) -> {
			if (call == Call.ACQUIRE) {
				ScriptedEngine.hang(ask);
			}
		};
		CompletableFuture<Boolean> next = locksAndUnlocks();
		awaitWaiting(2);
		this.engine.unlock("net-1");
		assertThat(last.get(20, TimeUnit.SECONDS)).as("what is said of it")
			.contains("'net-1'")
			.doesNotContain("held by thread");
		ask.countDown();
		assertThat(next).succeedsWithin(Duration.ofSeconds(20));
	}

	@ParameterizedTest
	@ValueSource(strings = { "P36500D", "P1DT1S", "PT2562047788015215H30M7S", "PT-1S" })
	void aTimeThatNoHandOverTakesIsRefusedWithItsBound(Duration maxTime) {
		assertThatIllegalArgumentException().isThrownBy(() -> new HandOver(10, maxTime))
			.withMessageContaining(maxTime.toString())
			.withMessageContaining(HandOver.LONGEST_TIME.toString());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void settingsThatChangeWhileSomethingIsHeldKeepNobodyFromHavingIt(boolean waitsAlready) throws Exception {
		HandOver longest = new HandOver(HandOver.LARGEST_COUNT, HandOver.LONGEST_TIME);
		Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
		for (EngineSettings settings : new EngineSettings[] { settings(endless, endless, longest),
				settings(LEASE, Duration.ofNanos(1), HandOver.NONE),
				settings(endless, endless, new HandOver(HandOver.LARGEST_COUNT, Duration.ofNanos(1))),
				settings(LEASE, null, new HandOver(0, HandOver.LONGEST_TIME)) }) {
			this.engine.lock("net-1");
			CompletableFuture<Boolean> before = waitsAlready ? locksAndUnlocks()
					: CompletableFuture.completedFuture(true);
			awaitWaiting(waitsAlready ? 1 : 0);
			this.engine.changeSettings(settings);
			this.engine.unlock("net-1");
			assertThat(before).as("who waited while the settings changed").succeedsWithin(Duration.ofSeconds(20));
			assertThat(locksAndUnlocks()).as("who came later").succeedsWithin(Duration.ofSeconds(20));
			try (LockHandle both = this.fixture.acquire("net-1", "net-2")) {
				assertThat(both.objectIds()).hasSize(2);
			}
			this.engine.changeSettings(settings(LEASE, null, HandOver.DEFAULT));
		}
		assertThat(this.fixture.isFreeForOthers("net-1")).isTrue();
	}

	private EngineSettings settings(Duration lease, @Nullable Duration maxHold, HandOver handOver) {
		return new EngineSettings(EngineFixture.NAMESPACE, this.engine.settings().instance(), lease, null, maxHold,
				handOver, (maxHold != null) ? maxHold : Duration.ofNanos(1));
	}

	private CompletableFuture<Boolean> locksAndUnlocks() {
		return ScriptedEngine.async(() -> {
			this.engine.lock("net-1", true);
			this.engine.unlock("net-1");
			return true;
		});
	}

	private void awaitWaiting(int count) {
		soon("waiting").until(() -> this.engine.snapshot("net-1", 1).waitingCount() == count);
	}

}
