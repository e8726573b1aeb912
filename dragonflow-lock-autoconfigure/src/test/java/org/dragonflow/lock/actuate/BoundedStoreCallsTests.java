package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.ScarceThreads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What people are told when the system has no more threads.
 */
@Timeout(60)
class BoundedStoreCallsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final ScarceThreads threads = new ScarceThreads();

	@Test
	void aQuestionWithoutAThreadIsToldAndTakesNoOthersPlace() {
		try (BoundedStoreCalls calls = new BoundedStoreCalls(PATIENCE, this.threads.without(5))) {
			for (int i = 0; i < 5; i++) {
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> calls.call(() -> "answer"))
					.withMessageContaining("no thread");
			}
			CyclicBarrier together = new CyclicBarrier(4);
			List<CompletableFuture<Integer>> answers = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				CompletableFuture<Integer> answer = new CompletableFuture<>();
				new Thread(() -> answer.completeAsync(() -> calls.call(() -> await(together)), Runnable::run)).start();
				answers.add(answer);
			}
			assertThat(answers).as("as many as are asked at once")
				.allSatisfy((answer) -> assertThat(answer).succeedsWithin(PATIENCE));
		}
	}

	private static int await(CyclicBarrier together) {
		try {
			return together.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
