package org.dragonflow.lock.test.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of the Redis servers that other tests rely on.
 */
class RedisServerTests {

	@Test
	void aServerForgetsAcrossStopAndCrashUnlessToldToKeep() {
		try (RedisServer server = RedisServer.start();
				RedisServer keeping = RedisServer.start("--appendonly", "yes", "--appendfsync", "always")) {
			assertThat(server.cli("SET", "k", "1")).as("the answer to a write").isEqualTo("OK");
			keeping.cli("SET", "k", "1");
			server.stop();
			assertThatIllegalStateException().as("a command to a stopped server").isThrownBy(() -> server.cli("PING"));
			server.restart();
			keeping.kill();
			keeping.restart();
			assertThat(server.cli("EXISTS", "k")).as("keys after a stop").isEqualTo("0");
			assertThat(keeping.cli("EXISTS", "k")).as("keys that were to be kept, after a crash").isEqualTo("1");
		}
	}

	@Test
	void aPausedServerAnswersOnlyAfterItWasResumed() {
		try (RedisServer server = RedisServer.start()) {
			server.pause();
			CompletableFuture<String> answer = new CompletableFuture<>();
			Thread asking = new Thread(() -> answer.complete(server.cli("PING")));
			asking.start();
			Awaitility.await()
				.during(Duration.ofMillis(300))
				.atMost(Duration.ofSeconds(5))
				.untilAsserted(() -> assertThat(answer).as("the answer of a paused server").isNotDone());
			server.resume();
			assertThat(answer).as("the answer of a resumed server").succeedsWithin(Duration.ofSeconds(10));
		}
	}

	@Test
	void aClosedServerLeavesNothing() {
		RedisServer server = RedisServer.start();
		List<ProcessHandle> processes = server.processes();
		Path directory = server.directory();
		assertThat(processes).as("the shell and the server").hasSizeGreaterThanOrEqualTo(2);
		server.pause();
		server.close();
		assertThat(processes).as("processes after close").noneMatch(ProcessHandle::isAlive);
		assertThat(Files.exists(directory)).as("whether its directory is there after close").isFalse();
	}

}
