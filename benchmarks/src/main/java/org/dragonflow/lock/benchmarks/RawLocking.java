package org.dragonflow.lock.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The bare protocol: an upsert that takes a free or expired row, and a delete. Tokens,
 * renewal and waiting are left out.
 */
final class RawLocking implements Contender.Locking {

	private final Queue<Session> sessions = new ConcurrentLinkedQueue<>();

	private final ThreadLocal<Session> ofThread;

	RawLocking(LockTable table) {
		try (Connection connection = table.dataSource().getConnection()) {
			connection.createStatement()
				.execute("CREATE TABLE RAW_LOCK (lock_key VARCHAR(200) PRIMARY KEY, owner VARCHAR(128) NOT NULL, "
						+ "expires_at TIMESTAMP(6) NOT NULL)");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		this.ofThread = ThreadLocal.withInitial(() -> {
			Session session = Session.on(table);
			this.sessions.add(session);
			return session;
		});
	}

	@Override
	public void cycle(String objectId) {
		this.ofThread.get().cycle(objectId);
	}

	@Override
	public void close() {
		this.sessions.forEach(Session::close);
	}

	/**
	 * What one thread keeps.
	 */
	private record Session(Connection connection, PreparedStatement acquire, PreparedStatement release) {

		static Session on(LockTable table) {
			try {
				Connection connection = table.dataSource().getConnection();
				return new Session(connection, connection.prepareStatement(upsert(table.store())),
						connection.prepareStatement("DELETE FROM RAW_LOCK WHERE lock_key = ? AND owner = ?"));
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static String upsert(Store store) {
			return switch (store) {
				case POSTGRESQL -> """
						INSERT INTO RAW_LOCK AS held (lock_key, owner, expires_at)
						VALUES (?, ?, clock_timestamp() + interval '30 seconds')
						ON CONFLICT (lock_key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
						WHERE held.expires_at <= clock_timestamp()
						RETURNING owner""";
				case MARIADB -> """
						INSERT INTO RAW_LOCK (lock_key, owner, expires_at)
						VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL 30 SECOND)
						ON DUPLICATE KEY UPDATE owner = IF(expires_at <= UTC_TIMESTAMP(6), VALUES(owner), owner),
							expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)
						RETURNING owner""";
				case H2 -> """
						SELECT owner FROM FINAL TABLE (MERGE INTO RAW_LOCK held
						USING (SELECT CAST(? AS VARCHAR) AS lock_key, CAST(? AS VARCHAR) AS owner) AS wanted
						ON held.lock_key = wanted.lock_key
						WHEN MATCHED AND held.expires_at <= LOCALTIMESTAMP THEN UPDATE SET owner = wanted.owner,
							expires_at = DATEADD(SECOND, 30, LOCALTIMESTAMP)
						WHEN NOT MATCHED THEN INSERT (lock_key, owner, expires_at)
							VALUES (wanted.lock_key, wanted.owner, DATEADD(SECOND, 30, LOCALTIMESTAMP)))""";
			};
		}

		void cycle(String objectId) {
			String owner = UUID.randomUUID().toString();
			try {
				bind(this.acquire, objectId, owner).executeQuery().close();
				if (bind(this.release, objectId, owner).executeUpdate() != 1) {
					throw new IllegalStateException("Another had " + objectId);
				}
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static PreparedStatement bind(PreparedStatement statement, String objectId, String owner)
				throws SQLException {
			statement.setString(1, objectId);
			statement.setString(2, owner);
			return statement;
		}

		void close() {
			try {
				this.connection.close();
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
