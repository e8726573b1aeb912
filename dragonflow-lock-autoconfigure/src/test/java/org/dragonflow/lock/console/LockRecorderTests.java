package org.dragonflow.lock.console;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.console.Ended.Kind;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.StoreCall;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.local.LocalLockDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

class LockRecorderTests {

	private final LockRecorder recorder = new LockRecorder();

	private final LockEngine engine = new LockEngine(new LocalLockDriver(),
			new EngineSettings("test", "instance", Duration.ofSeconds(30), null, null, HandOver.DEFAULT), (event) -> {
			}, Transactions.NONE, List.of(this.recorder), ThreadSource.PLATFORM);

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void aHoldIsThereWhenItHasEnded() throws Exception {
		long before = System.nanoTime();
		try (var hold = this.engine.acquire(LockRequest.of("net-1").withLabel("ports"))) {
			assertThat(holds()).as("holds that have ended").isEmpty();
			long token = hold.fencingToken();
			hold.close();
			await().until(() -> !holds().isEmpty());
			assertThat(holds()).singleElement().satisfies((ended) -> {
				assertThat(ended.id()).isEqualTo("net-1");
				assertThat(ended.thread()).isEqualTo(Thread.currentThread().getName());
				assertThat(ended.label()).isEqualTo("ports");
				assertThat(ended.fencingToken()).isEqualTo(token);
				assertThat(ended.outcome()).isEqualTo("RELEASED");
				assertThat(ended.fromNanoTime()).isBetween(before, ended.toNanoTime());
				assertThat(ended.toNanoTime()).isLessThanOrEqualTo(System.nanoTime());
			});
		}
	}

	@Test
	void aWaitInVainIsThereHoweverShort() throws Exception {
		try (var hold = this.engine.acquire(LockRequest.of("net-1"))) {
			Thread other = new Thread(
					() -> assertThat(tryAtOnce()).as("the try of what " + hold.objectIds() + " has").isFalse(),
					"other");
			other.start();
			other.join();
		}
		await().until(() -> !ended(Kind.WAIT).isEmpty());
		assertThat(ended(Kind.WAIT)).filteredOn((ended) -> ended.thread().equals("other"))
			.singleElement()
			.satisfies((ended) -> assertThat(ended.outcome()).isEqualTo("REFUSED"));
	}

	@Test
	void aLockThatWasFreeWasNotWaitedFor() throws Exception {
		// A busy machine may make a wait of any of them, but not of all.
		for (int i = 0; i < 50; i++) {
			this.engine.run("net-1", () -> {
			});
		}
		await().until(() -> holds().size() == 50);
		assertThat(ended(Kind.WAIT)).hasSizeLessThan(50);
		assertThat(ended(Kind.WAIT)).allSatisfy((wait) -> assertThat(wait.toNanoTime() - wait.fromNanoTime())
			.isGreaterThanOrEqualTo(LockRecorder.SHORTEST_WAIT_NANOS));
	}

	@Test
	void aFailureOfTheStoreIsThereWithoutItsMessage() {
		this.recorder.storeFailed(StoreCall.RENEW,
				LockStoreException.unreachable("redis://user:secret@host", new IllegalStateException()));
		assertThat(ended(Kind.CALL)).singleElement().satisfies((ended) -> {
			assertThat(ended.outcome()).isEqualTo("RENEW");
			assertThat(ended.toString()).contains("LockStoreException").doesNotContain("secret");
			assertThat(ended.toNanoTime()).isCloseTo(System.nanoTime(), within(TimeUnit.MINUTES.toNanos(1)));
		});
	}

	@Test
	void longIdsAreCutButTheirEndsAreKept() {
		String id = "x".repeat(5000) + "-the-end";
		this.engine.run(id, () -> {
		});
		await().until(() -> !holds().isEmpty());
		assertThat(holds()).singleElement()
			.satisfies((ended) -> assertThat(ended.id()).hasSize(Texts.MAX_LENGTH).endsWith("-the-end"));
		assertThat(Texts.cut("short")).isEqualTo("short");
		assertThat(Texts.cut("x".repeat(150) + "a" + "x".repeat(150))).as("what differs in its middle")
			.isNotEqualTo(Texts.cut("x".repeat(150) + "b" + "x".repeat(150)));
		String pairs = "\uD83D\uDD12".repeat(100);
		for (String text : List.of(pairs, "x" + pairs, pairs + "x")) {
			assertThat(Texts.cut(text).codePoints()).as("no half of a pair").noneMatch(LockRecorderTests::isHalf);
		}
	}

	private boolean tryAtOnce() {
		try {
			return this.engine.tryLock("net-1", Duration.ZERO);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private List<Ended> holds() {
		return ended(Kind.HOLD);
	}

	private List<Ended> ended(Kind kind) {
		return this.recorder.recent().after(-1).ended().stream().filter((ended) -> ended.kind() == kind).toList();
	}

	private static boolean isHalf(int codePoint) {
		return Character.getType(codePoint) == Character.SURROGATE;
	}

}
