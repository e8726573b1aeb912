package org.dragonflow.lock.jdbc;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Set;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a database that cannot be reached from one that refuses.
 */
final class StoreErrors {

	// Connection, rollback, resources, prerequisites (a lock, for instance), operator,
	// system, timeouts.
	private static final Set<String> PASSING = Set.of("08", "40", "53", "55", "57", "58", "HY");

	// PostgreSQL: the server has become a standby; a failover is under way.
	private static final String READ_ONLY = "25006";

	// PostgreSQL; H2 and MySQL; Derby.
	private static final Set<String> MISSING = Set.of("42P01", "42S02", "42S04", "3F000", "42S03", "42X05");

	// HSQLDB.
	private static final Set<Integer> MISSING_CODES = Set.of(-5501);

	private static final String ACCESS = "28";

	private static final String CONNECTION = "08";

	private StoreErrors() {
	}

	/**
	 * What a statement has come to whose connection is gone: nobody knows, whatever the
	 * error says.
	 */
	static LockStoreException brokenOff(String action, SQLException ex) {
		return LockStoreException
			.unreachable("Could not " + action + ", for the connection is gone: " + ofDatabase(ex).getMessage(), ex);
	}

	/**
	 * What a statement has come to that may have been another client's: nobody knows,
	 * either.
	 */
	static LockStoreException inForeignSession(String action, SQLException ex) {
		return LockStoreException.unreachable("Could not " + action + ", for the session of PostgreSQL is not the "
				+ "driver's own, but a pooler's, and knows the statement's name as another's: "
				+ ofDatabase(ex).getMessage() + ". Statements have no names from now on. To have it so from the start, "
				+ "set prepareThreshold=0 in the URL of the DataSource.", ex);
	}

	static LockStoreException translate(String action, SQLException ex, String table) {
		SQLException cause = ofDatabase(ex);
		String what = "Could not " + action + ": " + cause.getMessage();
		String state = (cause.getSQLState() != null) ? cause.getSQLState() : "";
		if (state.startsWith(ACCESS)) {
			return LockStoreException.refused(what + ". Check the user name and the password of the DataSource.", ex);
		}
		if (isMissing(cause, state)) {
			return LockStoreException.refused(what + ". The table " + table
					+ " or its clock is missing, or in a schema that its connections do not look into. "
					+ "The application creates it at its next start with 'dragonflow.lock.jdbc.initialize-schema=always'; "
					+ "or create it with the script for your database, 'org/dragonflow/lock/jdbc/schema-*.sql' on the "
					+ "class path.", ex);
		}
		if (isPassing(cause, state)) {
			return LockStoreException.unreachable(what, ex);
		}
		return LockStoreException.refused(what + ". Check that the table " + table
				+ " is as 'org/dragonflow/lock/jdbc/schema-*.sql' creates it, and that the user may read and write it"
				+ " and use its clock.", ex);
	}

	// A pool wraps what the database has said to it.
	static SQLException ofDatabase(SQLException ex) {
		SQLException cause = ex;
		for (Throwable next = ex; next != null; next = next.getCause()) {
			if (next instanceof SQLException inner) {
				cause = inner;
			}
		}
		return cause;
	}

	private static boolean isMissing(SQLException ex, String state) {
		// SQLite has neither states nor a code of its own for it.
		return MISSING.contains(state) || MISSING_CODES.contains(ex.getErrorCode())
				|| (state.isEmpty() && String.valueOf(ex.getMessage()).contains("no such table"));
	}

	/**
	 * Whether the database could not be asked at all, or did not answer. One that has
	 * refused, or broken off, a statement would answer to the next.
	 */
	static boolean isUnreachable(LockStoreException failure) {
		Throwable cause = failure.getCause();
		return !failure.isRefused() && (isOfConnection(cause) || (cause instanceof SQLException ex
				&& ex.getSQLState() != null && ex.getSQLState().startsWith(CONNECTION)));
	}

	private static boolean isOfConnection(@Nullable Throwable ex) {
		return ex instanceof SQLTransientConnectionException || ex instanceof SQLRecoverableException
				|| ex instanceof SQLNonTransientConnectionException;
	}

	private static boolean isPassing(SQLException ex, String state) {
		return ex instanceof SQLTransientException || isOfConnection(ex) || state.equals(READ_ONLY)
				|| PASSING.contains(state.substring(0, Math.min(2, state.length())));
	}

}
