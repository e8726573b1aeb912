package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * Attempts at locks in several independent masters: granted by a majority, with a token
 * that a majority has.
 */
final class RedlockAttempts {

	private static final int WIDTH = ScriptedAttempt.ANSWER_WIDTH;

	private static final LongPredicate GRANTED = (token) -> token != 0;

	private final RedlockNodes nodes;

	RedlockAttempts(RedlockNodes nodes) {
		this.nodes = nodes;
	}

	/**
	 * Takes those of several locks that a majority grants, and undoes the others.
	 */
	List<@Nullable Grant> take(List<LockAttempt> attempts) {
		Outcomes outcomes = new Outcomes();
		Majority last = null;
		for (List<LockAttempt> batch : Batches.inOrder(attempts)) {
			if (last == null || last.hasAnswered()) {
				last = take(batch, outcomes);
			}
			else {
				// To wait in vain for each of many batches would take too long.
				Majority missing = last;
				batch.forEach((attempt) -> outcomes.fail(attempt.hold(), missing.failure("lock " + attempt.key())));
			}
		}
		return outcomes.grants(attempts, (attempt, answer) -> {
			long token = (Long) answer.get(0);
			return (token != 0) ? new Grant(token, Deadline.ofLease((Long) answer.get(1), attempt.lease())) : null;
		});
	}

	private Majority take(List<LockAttempt> attempts, Outcomes outcomes) {
		Duration patience = this.nodes.patience(attempts.get(0).lease());
		List<ScriptedAttempt> scripted = attempts.stream().map(ScriptedAttempt::withoutWait).toList();
		List<ScriptedAttempt> settling = new ArrayList<>();
		List<Hold> failed = new ArrayList<>();
		long sent = System.nanoTime();
		Majority granted = Majority.collect(this.nodes.ask((scripts) -> scripts.acquire(scripted), patience),
				Majority.decided(attempts.size(), WIDTH, (i) -> GRANTED));
		for (int i = 0; i < attempts.size(); i++) {
			if (granted.agrees(WIDTH * i, GRANTED)) {
				settling.add(ScriptedAttempt.settling(attempts.get(i), granted.highest(WIDTH * i)));
			}
			else {
				failed.add(refuse(attempts.get(i), granted, WIDTH * i, outcomes));
			}
		}
		if (!settling.isEmpty()) {
			failed.addAll(settle(settling, sent, patience, outcomes));
		}
		if (!failed.isEmpty()) {
			// Also at those that have not granted or not answered: the answer may have
			// been lost. Until a majority has confirmed, or nobody else will.
			Majority.collect(this.nodes.ask((scripts) -> scripts.release(failed), patience), Majority::hasAnswered);
		}
		return granted;
	}

	/**
	 * Writes the tokens to a majority.
	 * @return those in which that has failed
	 */
	private List<Hold> settle(List<ScriptedAttempt> settling, long sent, Duration patience, Outcomes outcomes) {
		List<Hold> failed = new ArrayList<>();
		Majority settled = Majority.collect(this.nodes.ask((scripts) -> scripts.acquire(settling), patience),
				Majority.decided(settling.size(), WIDTH, (i) -> isTokenOf(settling.get(i))));
		for (int i = 0; i < settling.size(); i++) {
			LockAttempt attempt = settling.get(i).attempt();
			// One that was late with its first answer counts too. One that has lost the
			// attempt meanwhile, because somebody broke it, does not.
			if (!settled.agrees(WIDTH * i, isTokenOf(settling.get(i)))) {
				failed.add(refuse(attempt, settled, WIDTH * i, outcomes));
			}
			else if (Deadline.ofLease(sent, attempt.lease()).hasPassed()) {
				// Nobody else has it.
				outcomes.fail(attempt.hold(),
						LockStoreException.unreachable(
								"Could not lock " + attempt.key()
										+ ": the servers granted it, but the answer came after its lease had ended",
								null));
				failed.add(attempt.hold());
			}
			else {
				outcomes.know(attempt.hold(), List.of(settling.get(i).settled(), sent));
			}
		}
		return failed;
	}

	private static Hold refuse(LockAttempt attempt, Majority majority, int place, Outcomes outcomes) {
		Hold hold = attempt.hold();
		if (majority.hasAnswered(place)) {
			outcomes.know(hold, List.of(0L));
		}
		else {
			outcomes.fail(hold, majority.failure(place, "lock " + attempt.key()));
		}
		return hold;
	}

	private static LongPredicate isTokenOf(ScriptedAttempt attempt) {
		return (token) -> token == attempt.settled();
	}

}
