package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

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

	private final RedlockNodes nodes;

	RedlockAttempts(RedlockNodes nodes) {
		this.nodes = nodes;
	}

	/**
	 * Takes those of several locks that a majority grants, and undoes the others.
	 */
	List<@Nullable Grant> take(List<LockAttempt> attempts) {
		Duration patience = this.nodes.patience(attempts.get(0).lease());
		List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
		List<ScriptedAttempt> scripted = attempts.stream().map(ScriptedAttempt::withoutWait).toList();
		long sent = System.nanoTime();
		try {
			Majority granted = Majority.collect(this.nodes.ask((scripts) -> scripts.acquire(scripted), patience),
					(majority) -> isDecided(majority, attempts.size()));
			if (!granted.hasAnswered()) {
				throw granted.failure("lock " + attempts.get(0).key());
			}
			List<Long> tokens = new ArrayList<>(attempts.size());
			for (int i = 0; i < attempts.size(); i++) {
				tokens.add(granted.agrees(isGranted(i)) ? highestToken(granted, i) : 0);
			}
			List<@Nullable Grant> grants = confirm(attempts, tokens, sent, patience);
			undo(holds, grants);
			return grants;
		}
		catch (LockStoreException ex) {
			releaseEverywhere(holds, patience);
			throw ex;
		}
	}

	/**
	 * Writes the tokens to a majority.
	 * @param tokens 0 of what was not granted
	 */
	private List<@Nullable Grant> confirm(List<LockAttempt> attempts, List<Long> tokens, long sent, Duration patience) {
		List<ScriptedAttempt> granted = new ArrayList<>();
		List<Long> settled = new ArrayList<>();
		for (int i = 0; i < attempts.size(); i++) {
			if (tokens.get(i) != 0) {
				granted.add(ScriptedAttempt.settling(attempts.get(i), tokens.get(i)));
				settled.add(tokens.get(i));
			}
		}
		List<@Nullable Grant> grants = new ArrayList<>();
		Majority confirmed = granted.isEmpty() ? Majority.collect(List.of(), (majority) -> true)
				: Majority.collect(this.nodes.ask((scripts) -> scripts.acquire(granted), patience),
						(majority) -> isSettled(majority, settled));
		int next = 0;
		for (int i = 0; i < attempts.size(); i++) {
			Grant grant = null;
			if (tokens.get(i) != 0) {
				long token = tokens.get(i);
				// One that was late with its first answer counts too. One that has lost
				// the attempt meanwhile, because somebody broke it, does not.
				boolean valid = confirmed.agrees(hasToken(next++, token));
				Deadline validUntil = Deadline.ofLease(sent, attempts.get(i).lease());
				grant = (valid && !validUntil.hasPassed()) ? new Grant(token, validUntil) : null;
			}
			grants.add(grant);
		}
		if (!granted.isEmpty() && !confirmed.hasAnswered()) {
			throw confirmed.failure("lock " + granted.get(0).attempt().key());
		}
		return grants;
	}

	private static boolean isSettled(Majority majority, List<Long> tokens) {
		for (int i = 0; i < tokens.size(); i++) {
			if (!majority.agrees(hasToken(i, tokens.get(i))) && !majority.cannotAgree(hasToken(i, tokens.get(i)))) {
				return false;
			}
		}
		return true;
	}

	private static Predicate<List<Object>> hasToken(int attempt, long token) {
		return (answer) -> (Long) answer.get(ScriptedAttempt.ANSWER_WIDTH * attempt) == token;
	}

	private static boolean isDecided(Majority majority, int attempts) {
		for (int i = 0; i < attempts; i++) {
			if (!majority.agrees(isGranted(i)) && !majority.cannotAgree(isGranted(i))) {
				return false;
			}
		}
		return true;
	}

	private static Predicate<List<Object>> isGranted(int attempt) {
		return (answer) -> (Long) answer.get(ScriptedAttempt.ANSWER_WIDTH * attempt) != 0;
	}

	private static long highestToken(Majority majority, int attempt) {
		long highest = 0;
		for (List<Object> answer : majority.answers()) {
			if (answer != null) {
				highest = Math.max(highest, (Long) answer.get(ScriptedAttempt.ANSWER_WIDTH * attempt));
			}
		}
		return highest;
	}

	private void undo(List<Hold> holds, List<@Nullable Grant> grants) {
		List<Hold> failed = new ArrayList<>();
		for (int i = 0; i < holds.size(); i++) {
			if (grants.get(i) == null) {
				failed.add(holds.get(i));
			}
		}
		if (!failed.isEmpty()) {
			releaseEverywhere(failed, this.nodes.timeout());
		}
	}

	/**
	 * Releases at all servers, also at those that have not granted or not answered: the
	 * answer may have been lost. Returns when a majority has confirmed, or nobody else
	 * will.
	 */
	private Majority releaseEverywhere(List<Hold> holds, Duration patience) {
		return Majority.collect(this.nodes.ask((scripts) -> scripts.release(holds), patience), Majority::hasAnswered);
	}

}
