package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.function.Predicate;

import javax.sql.DataSource;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Lends connections for one operation each: in autocommit, outside any transaction of the
 * caller, and with an end to every wait for an answer. A connection on which something
 * has failed must prove that it is alive, or is given up.
 */
final class LockConnections {

	// Pools know by the errors of some databases that a connection is dead, and prove
	// those that have rested for a while. Until each has been lent, or has rested, it is
	// done here.
	private static final Duration DOUBT = Duration.ofSeconds(30);

	// A pool that does not drop what is dead must not keep the caller busy for ever.
	private static final int DEAD_AT_MOST = 100;

	private final DataSource dataSource;

	private final String table;

	private final Duration timeout;

	private final @Nullable StatementNames names = Dialects.CAN_LISTEN ? new StatementNames() : null;

	private volatile Deadline doubtedUntil = Deadline.in(Duration.ZERO);

	LockConnections(DataSource dataSource, JdbcLockSettings settings) {
		this.dataSource = dataSource;
		this.table = settings.table();
		this.timeout = settings.timeout();
	}

	/**
	 * Runs an operation.
	 * @param action what it does, for an error's message
	 * @param isCollision which errors mean that it had no effect and can be repeated
	 * @param operation what to run; it may run several times
	 * @throws LockStoreException if it failed, of either kind
	 */
	<T> T call(String action, Predicate<SQLException> isCollision, Operation<T> operation) {
		// A statement cannot be interrupted halfway, and some drivers break if one tries:
		// H2 closes its file. The flag is for the waits between statements.
		boolean interrupted = Thread.interrupted();
		Deadline end = Deadline.in(this.timeout);
		try {
			while (true) {
				try (BorrowedConnection borrowed = borrow(end)) {
					try {
						return operation.on(borrowed.connection());
					}
					catch (SQLException ex) {
						if (borrowed.isForeign(ex)) {
							borrowed.giveUp();
							throw StoreErrors.inForeignSession(action, ex);
						}
						if (!isCollision.test(ex) && !isAlive(borrowed.connection())) {
							this.doubtedUntil = Deadline.in(DOUBT);
							borrowed.giveUp();
							throw StoreErrors.brokenOff(action, ex);
						}
						throw ex;
					}
				}
				catch (InterruptedBorrowException ex) {
					interrupted = true;
				}
				catch (SQLException ex) {
					if (!isCollision.test(ex) || end.hasPassed()) {
						throw StoreErrors.translate(action, ex, this.table);
					}
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * A connection to keep for a while, for the caller to close. There is an end to every
	 * wait for an answer on it, too.
	 */
	@SuppressWarnings("resource")
	Connection open() throws SQLException {
		try {
			return borrow(Deadline.in(this.timeout)).connection();
		}
		catch (InterruptedBorrowException ex) {
			Thread.currentThread().interrupt();
			throw ex.failure;
		}
	}

	/**
	 * It was found out that sessions are not the driver's own, but a pooler's.
	 */
	void sessionsAreForeign() {
		if (this.names != null) {
			this.names.turnOff();
		}
	}

	/**
	 * Gives up a connection that was {@link #open opened} and is broken.
	 */
	void discard(Connection connection) {
		LockDataSources.discard(this.dataSource, connection);
	}

	// On a connection that turns out to be dead here, nothing has been sent yet.
	private BorrowedConnection borrow(Deadline end) throws SQLException, InterruptedBorrowException {
		for (int dead = 0;; dead++) {
			Connection connection = connect();
			SQLException failure;
			try {
				BorrowedConnection borrowed = new BorrowedConnection(this.dataSource, connection,
						Math.toIntExact(this.timeout.toMillis()), this.names);
				if (!borrowed.isSpoilt() && (this.doubtedUntil.hasPassed() || isAlive(connection))) {
					return borrowed;
				}
				failure = new SQLNonTransientConnectionException("the pool's connections are dead");
			}
			catch (SQLException ex) {
				if (isAlive(connection)) {
					connection.close();
					throw ex;
				}
				failure = ex;
			}
			this.doubtedUntil = Deadline.in(DOUBT);
			LockDataSources.discard(this.dataSource, connection);
			if (end.hasPassed() || dead == DEAD_AT_MOST) {
				throw failure;
			}
		}
	}

	private Connection connect() throws SQLException, InterruptedBorrowException {
		try {
			return this.dataSource.getConnection();
		}
		catch (SQLException ex) {
			if (Thread.interrupted()) {
				throw new InterruptedBorrowException(ex);
			}
			throw ex;
		}
	}

	// What a database says when a connection is gone, and in which of its statements, is
	// different everywhere.
	private boolean isAlive(Connection connection) {
		try {
			return !connection.isClosed() && connection.isValid(Math.toIntExact(this.timeout.toSeconds() + 1));
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * What to do with a connection.
	 */
	interface Operation<T> {

		T on(Connection connection) throws SQLException;

	}

	/**
	 * Whoever was interrupted while waiting for a connection has sent nothing yet.
	 */
	private static final class InterruptedBorrowException extends Exception {

		private final SQLException failure;

		InterruptedBorrowException(SQLException failure) {
			super(failure);
			this.failure = failure;
		}

	}

}
