package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.jdbc.LockConnections.Operation;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;

/**
 * Whether a database that nobody knows can do all that the portable way asks of it. Each
 * statement is sent once, for a lock that nobody else wants, and nothing of it is left.
 */
final class PortableTrial {

	// Longer than the trial takes on any machine. If it is cut short, the row is removed
	// in the end as that of any lock.
	private static final Duration LEASE = Duration.ofMinutes(10);

	private final LockConnections connections;

	private final PortableDialect dialect;

	private final LockKey key = new LockKey("dragonflow.trial", UUID.randomUUID().toString());

	PortableTrial(LockConnections connections, PortableDialect dialect) {
		this.connections = connections;
		this.dialect = dialect;
	}

	/**
	 * Tries.
	 * @throws LockStoreException if the database cannot do something, with what it has
	 * said
	 */
	void run() {
		// Whoever may not do that could not clean up either.
		remove();
		try {
			tryAll();
		}
		catch (RuntimeException ex) {
			try {
				remove();
			}
			catch (LockStoreException suppressed) {
				ex.addSuppressed(suppressed);
			}
			throw ex;
		}
		remove();
	}

	private void tryAll() {
		LockAttempt first = attempt("first");
		LockAttempt second = attempt("second");
		LockAttempt waiting = new LockAttempt(this.key, second.owner(), LEASE, Deadline.in(LEASE));
		Hold hold = first.hold();
		List<Hold> holds = List.of(hold);
		check("take a lock", (connection) -> this.dialect.acquire(connection, first, false).token() != null);
		check("take a lock that is held",
				(connection) -> this.dialect.acquire(connection, second, false).token() == null);
		check("look at a lock", (connection) -> this.dialect.look(connection, this.key) != null);
		check("wait for a lock", (connection) -> {
			this.dialect.acquire(connection, waiting, true, Duration.ofSeconds(1));
			Turn turn = this.dialect.turns(connection, List.of(this.key.name())).get(this.key.name());
			return turn != null && turn.held() && second.owner().equals(turn.next());
		});
		check("wait no longer", (connection) -> this.dialect.withdraw(connection, List.of(second.hold())) == 1);
		check("renew a lock", (connection) -> this.dialect.renew(connection, holds, LEASE).revoked().isEmpty());
		check("ask for the release of another's lock",
				(connection) -> !this.dialect.requestRevocation(connection, second.hold()));
		check("ask for the release of a lock", (connection) -> this.dialect.requestRevocation(connection, hold));
		check("renew a lock whose release is asked for",
				(connection) -> this.dialect.renew(connection, holds, LEASE).revoked().contains(hold));
		check("release a lock", (connection) -> this.dialect.release(connection, hold));
		check("release a lock that is released", (connection) -> !this.dialect.release(connection, hold));
		check("take a released lock", (connection) -> this.dialect.acquire(connection, second, false).token() != null);
	}

	private LockAttempt attempt(String owner) {
		return new LockAttempt(this.key, owner, LEASE, Deadline.in(Duration.ZERO));
	}

	private void remove() {
		check("remove a row", (connection) -> {
			// Also before its lease has ended.
			this.dialect.sweep().remove(connection, LEASE.multipliedBy(-2), List.of(this.key.name()));
			return true;
		});
	}

	private void check(String what, Operation<Boolean> operation) {
		if (!this.connections.call("try to " + what, this.dialect::isCollision, operation)) {
			throw LockStoreException.refused("Could not try to " + what + ": the database reported no error, but did "
					+ "something else. Check that the table and its clock are as 'org/dragonflow/lock/jdbc/"
					+ "schema-portable.sql' says, and that no trigger, rule or policy is on the table.", null);
		}
	}

}
