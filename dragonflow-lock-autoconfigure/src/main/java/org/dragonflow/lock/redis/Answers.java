package org.dragonflow.lock.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * Waits for answers. An interrupt does not end such a wait, for the outcome would be
 * unknown; it is kept for later.
 */
final class Answers {

	private Answers() {
	}

	static <T> T await(CompletableFuture<T> answer, Duration timeout, String action) {
		return await(answer, System.nanoTime(), timeout, action);
	}

	/**
	 * Waits for one of several answers that may all together take the same time.
	 */
	static <T> T await(CompletableFuture<T> answer, long start, Duration timeout, String action) {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return answer.get(timeout.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (ExecutionException ex) {
			throw RedisErrors.translate(action, (ex.getCause() != null) ? ex.getCause() : ex);
		}
		catch (TimeoutException ex) {
			// What waits for a connection must not be sent any more.
			answer.cancel(true);
			throw LockStoreException.unreachable("Could not " + action + ": no answer within " + timeout, ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * The entries of an answer that are about one lock, unless they are an error.
	 * @throws LockStoreException what the server has said instead
	 */
	static List<Object> checked(List<Object> entries, String action) {
		if (entries.get(0) instanceof byte[] error) {
			throw RedisErrors.translate(action, text(error));
		}
		return entries;
	}

	/**
	 * Whether an entry of an answer says yes.
	 */
	static boolean isYes(Object entry) {
		return ((Long) entry) >= 1;
	}

	/**
	 * Whether an entry of the answer to a renewal says that the release is asked for.
	 */
	static boolean isRevoked(Object entry) {
		return ((Long) entry) == 2;
	}

	/**
	 * Reads the answer to an attempt.
	 */
	static @Nullable Grant grant(List<Object> answer, long sentNanoTime) {
		long token = (Long) answer.get(0);
		Duration lease = Duration.ofMillis((Long) answer.get(1));
		return (token != 0) ? new Grant(token, Deadline.ofLease(sentNanoTime, lease)) : null;
	}

	/**
	 * Reads the answer to a look.
	 */
	static @Nullable LockRecord lockRecord(LockKey key, List<Object> answer) {
		if (answer.isEmpty()) {
			return null;
		}
		long micros = Long.parseLong(text(answer.get(2)));
		return new LockRecord(new Hold(key, text(answer.get(0))), Long.parseLong(text(answer.get(1))),
				Duration.of(micros, ChronoUnit.MICROS), Duration.ofMillis(Math.max(0, (Long) answer.get(3))));
	}

	static String text(Object entry) {
		return new String((byte[]) entry, StandardCharsets.ISO_8859_1);
	}

}
