package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PreferQueryMode;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ConcurrentReferenceHashMap.ReferenceType;

/**
 * Has PostgreSQL's client give no names to statements where a session is not its own. A
 * name is known to one session. Behind a pooler that gives each transaction another one,
 * it may stand for nothing, or for the statement of another client, which is run instead.
 */
final class StatementNames {

	private static final Log logger = LogFactory.getLog(StatementNames.class);

	private static final String TAKEN = "42P05";

	// Also of other things. (A name that stands for nothing, 26000, the client gets over
	// by itself.)
	private static final String OTHER_PARAMETERS = "08P01";

	private static final String UNDEFINED_FUNCTION = "42883";

	// Those whose statements may have got names.
	private final Set<PGConnection> named = Collections
		.newSetFromMap(new ConcurrentReferenceHashMap<>(16, ReferenceType.WEAK));

	private volatile boolean off;

	/**
	 * Prepares a connection for use. One that is new is asked whether its session is the
	 * one that was given to it, before any statement of it can have a name.
	 * @return the connection as it is lent, null if it is not one of PostgreSQL's client
	 */
	@Nullable Lent lend(Connection connection) throws SQLException {
		if (!connection.isWrapperFor(PGConnection.class)) {
			return null;
		}
		PGConnection client = connection.unwrap(PGConnection.class);
		Lent lent = new Lent(client, client.getPrepareThreshold());
		if (lent.threshold == 0 || client.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
			return lent;
		}
		if (this.off || !this.named.contains(client)) {
			client.setPrepareThreshold(0);
			if (!this.off && isOwn(connection.unwrap(Connection.class), client)) {
				this.named.add(client);
				lent.restore();
			}
		}
		return lent;
	}

	private boolean isOwn(Connection connection, PGConnection client) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()")) {
			rows.next();
			if (rows.getInt(1) == client.getBackendPID()) {
				return true;
			}
		}
		catch (SQLException ex) {
			// Others that speak its language may not know the question.
			if (!UNDEFINED_FUNCTION.equals(ex.getSQLState())) {
				throw ex;
			}
			return false;
		}
		turnOff();
		return false;
	}

	/**
	 * It was found out that sessions are not the driver's own.
	 */
	void turnOff() {
		if (!this.off) {
			this.off = true;
			logger
				.info("The lock driver is connected to PostgreSQL by a pooler, whose sessions other clients may use too. "
						+ "So its statements have no names there, which the sessions would keep. Other statements by the same "
						+ "DataSource may have some: set prepareThreshold=0 in its URL, unless the pooler is one of whole "
						+ "sessions or knows of prepared statements.");
		}
	}

	/**
	 * A connection in use.
	 */
	final class Lent {

		private final PGConnection client;

		private final int threshold;

		private Lent(PGConnection client, int threshold) {
			this.client = client;
			this.threshold = threshold;
		}

		/**
		 * Whether it has statements with names, and must have none. It knows of no way to
		 * forget them but at the server, where they may be another's.
		 */
		boolean isSpoilt() {
			return StatementNames.this.off && StatementNames.this.named.contains(this.client);
		}

		/**
		 * Whether an error says that the session is not the client's own. Then nobody
		 * knows what was run, and no statement has a name any more.
		 */
		boolean isForeign(SQLException ex) {
			boolean foreign = StatementNames.this.named.contains(this.client) && isOfName(StoreErrors.ofDatabase(ex));
			if (foreign) {
				turnOff();
			}
			return foreign;
		}

		// Poolers use the second state for their own errors, but have no routines.
		private static boolean isOfName(SQLException ex) {
			ServerErrorMessage message = (ex instanceof PSQLException error) ? error.getServerErrorMessage() : null;
			return message != null && (TAKEN.equals(message.getSQLState())
					|| (OTHER_PARAMETERS.equals(message.getSQLState()) && message.getRoutine() != null));
		}

		void restore() {
			this.client.setPrepareThreshold(this.threshold);
		}

	}

}
