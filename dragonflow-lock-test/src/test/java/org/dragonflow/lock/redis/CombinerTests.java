package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What goes together, and what becomes of those that went together.
 */
class CombinerTests {

	private final List<List<String>> sent = new ArrayList<>();

	private final List<CompletableFuture<List<Object>>> answers = new ArrayList<>();

	private Runnable whileSending = () -> {
	};

	private final Combiner<String> combiner = new Combiner<>(() -> true, this::send, 1);

	@Test
	void theFirstGoesAtOnceAndThoseThatComeMeanwhileGoTogether() {
		CompletableFuture<List<Object>> first = this.combiner.ask("a");
		CompletableFuture<List<Object>> second = this.combiner.ask("b");
		CompletableFuture<List<Object>> third = this.combiner.ask("c");
		assertThat(this.sent).as("what is sent before the first answer").containsExactly(List.of("a"));
		this.answers.get(0).complete(List.of("1"));
		assertThat(this.sent).as("what is sent with it").containsExactly(List.of("a"), List.of("b", "c"));
		this.answers.get(1).complete(List.of("2", "3"));
		assertThat(first).isCompletedWithValue(List.of("1"));
		assertThat(second).isCompletedWithValue(List.of("2"));
		assertThat(third).isCompletedWithValue(List.of("3"));
		this.combiner.ask("d");
		assertThat(this.sent).as("when nothing is under way any more").endsWith(List.of("d"));
	}

	@Test
	void noMoreGoTogetherThanAScriptTakes() {
		for (int i = 0; i < Batches.SIZE + 2; i++) {
			this.combiner.ask("request");
		}
		this.answers.get(0).complete(List.of("1"));
		assertThat(this.sent.get(1)).as("the requests in one").hasSize(Batches.SIZE);
	}

	@Test
	void whatNobodyWantsAnyMoreIsNotSent() {
		CompletableFuture<List<Object>> first = this.combiner.ask("a");
		this.combiner.ask("b").cancel(true);
		this.combiner.ask("c");
		first.cancel(true);
		assertThat(this.answers.get(0)).as("the request that may not have left yet").isCancelled();
		assertThat(this.sent).as("what is sent").containsExactly(List.of("a"), List.of("c"));
	}

	@Test
	void whatIsGivenUpHasBeenSentOrNeverWillBe() {
		this.combiner.ask("a");
		CompletableFuture<List<Object>> second = this.combiner.ask("b");
		CompletableFuture<Boolean> givenUp = new CompletableFuture<>();
		// Otherwise a release could overtake its attempt.
		this.whileSending = () -> {
			new Thread(() -> givenUp.complete(second.cancel(true))).start();
			RedisTest.await("it waits for the sending").during(Duration.ofMillis(200)).until(() -> !givenUp.isDone());
		};
		this.answers.get(0).complete(List.of("1"));
		assertThat(givenUp).as("giving up").succeedsWithin(RedisTest.SOON);
	}

	@Test
	void whatSomebodyStillWantsIsNotCancelled() {
		this.combiner.ask("a");
		CompletableFuture<List<Object>> second = this.combiner.ask("b");
		CompletableFuture<List<Object>> third = this.combiner.ask("c");
		this.answers.get(0).complete(List.of("1"));
		second.cancel(true);
		assertThat(this.answers.get(1)).as("the request that is for both").isNotCancelled();
		this.answers.get(1).complete(List.of("2", "3"));
		assertThat(third).isCompletedWithValue(List.of("3"));
	}

	@Test
	void aRefusalIsForTheOneThatIsRefused() {
		this.combiner.ask("a");
		CompletableFuture<List<Object>> done = this.combiner.ask("b");
		CompletableFuture<List<Object>> refused = this.combiner.ask("c");
		this.answers.get(0).complete(List.of("1"));
		this.answers.get(1).completeExceptionally(new IllegalStateException("NOPERM No permissions to access a key"));
		assertThat(this.sent).as("what is sent again").endsWith(List.of("b"), List.of("c"));
		this.answers.get(2).complete(List.of("yes"));
		this.answers.get(3).completeExceptionally(new IllegalStateException("NOPERM No permissions to access a key"));
		assertThat(done).isCompletedWithValue(List.of("yes"));
		assertThat(refused).as("the refused one")
			.failsWithin(RedisTest.SOON)
			.withThrowableThat()
			.withMessageContaining("NOPERM");
	}

	@Test
	void aFailureOfTheConnectionIsForAll() {
		this.combiner.ask("a");
		CompletableFuture<List<Object>> second = this.combiner.ask("b");
		CompletableFuture<List<Object>> third = this.combiner.ask("c");
		this.answers.get(0).completeExceptionally(new IllegalStateException("connection lost"));
		this.answers.get(1).completeExceptionally(new IllegalStateException("connection lost"));
		assertThat(this.sent).as("what is sent").hasSize(2);
		assertThat(second).isCompletedExceptionally();
		assertThat(third).isCompletedExceptionally();
	}

	private CompletableFuture<List<Object>> send(List<String> together) {
		CompletableFuture<List<Object>> answer = new CompletableFuture<>();
		this.whileSending.run();
		this.sent.add(together);
		this.answers.add(answer);
		return answer;
	}

}
