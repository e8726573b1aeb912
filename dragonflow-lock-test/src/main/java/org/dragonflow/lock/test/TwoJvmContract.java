package org.dragonflow.lock.test;

import org.dragonflow.lock.test.WorkerJvm.WorkerException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What only two JVMs show: a holder that is killed, one that is paused for longer than
 * its lease, and threads of both that lock as they like. The author of a driver extends
 * this class, names the properties of a Spring Boot application that uses the driver, and
 * inherits all cases. The applications are auto-configured, with the class path of the
 * test.
 * <p>
 * Needs a system that has the signals {@code KILL}, {@code STOP} and {@code CONT}.
 */
public abstract class TwoJvmContract extends RandomTwoJvmCases {

	/**
	 * For use by subclasses, which JUnit instantiates.
	 */
	protected TwoJvmContract() {
	}

	@Test
	void jvmsExcludeEachOther() {
		call(one(), "lock");
		assertThat(call(two(), "try")).as("A try for what the other JVM holds").isEqualTo("false");
		call(one(), "unlock");
		assertThat(call(two(), "try")).as("A try for what the other JVM has released").isEqualTo("true");
		call(two(), "unlock");
	}

	@Test
	void tokensRiseFromJvmToJvm() {
		long last = 0;
		for (int round = 0; round < 6; round++) {
			WorkerJvm worker = (round % 2 == 0) ? one() : two();
			call(worker, "lock");
			long token = Long.parseLong(call(worker, "token"));
			call(worker, "unlock");
			assertThat(token).as("The token of round %s", round).isGreaterThan(last);
			last = token;
		}
	}

	@Test
	void aWaiterIsServedWhenTheHoldersJvmReleases() {
		call(one(), "lock");
		Background<String> waiter = Background.call(() -> call(two(), "lock"))
			.isWaiting("A thread of the other JVM waits");
		call(one(), "unlock");
		waiter.get("The other JVM gets the lock", patience());
		call(two(), "unlock");
	}

	@Test
	void neitherOfTwoJvmsWithManyThreadsStarvesTheOther() {
		Background<String> ones = Background.call(() -> call(one(), "contend"));
		Background<String> twos = Background.call(() -> call(two(), "contend"));
		long one = Long.parseLong(ones.get("The threads of one JVM come to their end", patience()));
		long two = Long.parseLong(twos.get("The threads of the other JVM come to their end", patience()));
		assertThat(Math.min(one, two)).as("Holds of the JVM that had fewer, of %s and %s", one, two)
			.isGreaterThan(Math.max(one, two) / 5);
	}

	@Test
	void aWaiterIsServedWhenTheHoldersJvmDies() throws Exception {
		call(one(), "lock");
		long token = Long.parseLong(call(one(), "token"));
		Background<String> waiter = Background.call(() -> call(two(), "lock"))
			.isWaiting("A thread of the other JVM waits already");
		one().kill();
		waiter.get("The other JVM gets the lock when the dead one's lease ends", patience());
		assertThat(Long.parseLong(call(two(), "token"))).as("The successor's token").isGreaterThan(token);
		call(two(), "unlock");
	}

	@Test
	void aWaiterWhoseJvmDiesHoldsNobodyUpForGood() throws Exception {
		call(one(), "lock");
		Background<String> waiter = Background.call(() -> call(two(), "lock"))
			.isWaiting("A thread of the other JVM waits");
		two().kill();
		waiter.failure("The waiter dies with its JVM", patience());
		call(one(), "unlock");
		call(one(), "lock");
		call(one(), "unlock");
	}

	@Test
	void aPausedHolderFindsItsLossInItsFirstCall() throws Exception {
		int lossesBefore = losses(one());
		call(one(), "lock");
		long token = Long.parseLong(call(one(), "token"));
		assertThat(call(one(), "isHeld")).as("Whether the holder holds before its pause").isEqualTo("true");
		one().pause();
		Background<String> firstCall;
		try {
			// On its way before the JVM runs again, so that nothing can come before it.
			firstCall = Background.call(() -> call(one(), "isHeld")).isWaiting("A paused JVM answers nothing");
			call(two(), "lock");
			assertThat(Long.parseLong(call(two(), "token"))).as("The successor's token").isGreaterThan(token);
		}
		finally {
			one().resume();
		}
		assertThat(firstCall.get("The resumed JVM answers", patience()))
			.as("Whether the paused holder thinks that it holds, in its first call")
			.isEqualTo("false");
		assertThatExceptionOfType(WorkerException.class).as("The unlock of the lost hold")
			.isThrownBy(() -> call(one(), "unlock"))
			.satisfies((ex) -> assertThat(ex.type()).as("Its type").isEqualTo("LockLostException"));
		assertThat(call(two(), "isHeld")).as("Whether the successor still holds").isEqualTo("true");
		assertThat(call(one(), "try")).as("A try for what the successor holds").isEqualTo("false");
		call(two(), "unlock");
		await("The paused JVM is told of its loss").atMost(patience()).until(() -> losses(one()) > lossesBefore);
		assertThat(losses(one())).as("How many losses the paused JVM was told").isEqualTo(lossesBefore + 1);
	}

	private int losses(WorkerJvm worker) {
		return Integer.parseInt(call(worker, "losses"));
	}

}
