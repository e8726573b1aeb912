package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of the worker JVM itself, on a driver that needs no store.
 */
class WorkerJvmTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@Test
	void aWorkerLocksOnCommandUntilItIsKilled() throws Exception {
		try (WorkerJvm worker = WorkerJvm.start(Map.of("dragonflow.lock.driver", "local")).awaitReady()) {
			String objectId = "net 1/ü";
			worker.call("a", "lock", objectId, PATIENCE);
			assertThat(worker.call("a", "isHeld", objectId, PATIENCE)).as("The locking thread's hold")
				.isEqualTo("true");
			assertThat(worker.call("b", "try", objectId, PATIENCE)).as("Another thread's try").isEqualTo("false");
			assertThatExceptionOfType(WorkerJvm.WorkerException.class).as("Another thread's unlock")
				.isThrownBy(() -> worker.call("b", "unlock", objectId, PATIENCE))
				.withMessageContaining("IllegalMonitorStateException")
				.withMessageContaining(objectId);
			worker.pause();
			Background<String> call = Background.call(() -> worker.call("a", "token", objectId, PATIENCE))
				.isWaiting("A paused worker does not answer");
			worker.resume();
			assertThat(Long.parseLong(call.get("A resumed worker answers", PATIENCE))).as("The token").isPositive();
			worker.kill();
			assertThat(worker.isAlive()).as("Whether a killed worker is alive").isFalse();
			assertThatExceptionOfType(AssertionError.class).as("A call to a dead worker")
				.isThrownBy(() -> worker.call("a", "unlock", objectId, PATIENCE));
		}
	}

}
