package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;

/**
 * Asks again and again whose turn it is, and wakes that one, and whoever is to be the
 * next.
 */
final class TurnSignals extends PollingSignals {

	private static final Log logger = LogFactory.getLog(TurnSignals.class);

	private final Function<List<String>, Map<String, Turn>> turns;

	private final Consumer<List<Hold>> withdraw;

	private volatile boolean failing;

	/**
	 * Creates the signals.
	 * @param turns tells whose turn it is for those of some names, {@value Dialect#CHUNK}
	 * at most, that are not free for all
	 * @param withdraw takes back what attempts have entered
	 * @param pollInterval the longest pause
	 */
	TurnSignals(Function<List<String>, Map<String, Turn>> turns, Consumer<List<Hold>> withdraw, Duration pollInterval) {
		super((names) -> Set.of(), pollInterval);
		this.turns = turns;
		this.withdraw = withdraw;
	}

	@Override
	void look(List<String> names) {
		boolean failed = true;
		try {
			waiters().tell(names, this.turns.apply(names));
			failed = false;
		}
		finally {
			this.failing = failed;
		}
	}

	@Override
	void gaveUp(Hold waiting) {
		withdraw(List.of(waiting));
	}

	// What is left behind costs others a moment, and is not worth a wait for a database
	// that does not answer.
	private void withdraw(List<Hold> waiting) {
		if (waiting.isEmpty() || this.failing) {
			return;
		}
		try {
			this.withdraw.accept(waiting);
		}
		catch (LockStoreException ex) {
			logger.debug("Could not tell that nobody waits any more: " + waiting, ex);
		}
	}

	@Override
	public void close() {
		List<Hold> waiting = waiters().next();
		super.close();
		withdraw(waiting);
	}

}
