package org.dragonflow.lock.test.servers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What only PostgreSQL's servers can do.
 */
@Timeout(120)
class PostgresServerTests {

	@Test
	void aStandbyFollowsUntilItIsLeftBehindAndTakesThePlaceOfAPrimaryThatIsKilled() throws Exception {
		try (PostgresServer primary = PostgresServer.start()) {
			Database database = primary.newDatabase();
			execute(database, "CREATE TABLE t (n INT)");
			try (PostgresServer standby = primary.standby()) {
				Database standbys = database.through(standby.port());
				execute(database, "INSERT INTO t VALUES (1)");
				Awaitility.await().until(() -> count(standbys) == 1);
				assertThatExceptionOfType(SQLException.class).as("a change of a standby")
					.isThrownBy(() -> execute(standbys, "INSERT INTO t VALUES (2)"));
				standby.leaveBehind();
				execute(database, "INSERT INTO t VALUES (2)");
				Database either = database.orThrough(standby.port());
				assertThat(count(either)).as("rows of the primary").isEqualTo(2);
				primary.kill();
				standby.promote();
				assertThat(count(either)).as("rows of the new primary").isEqualTo(1);
				execute(either, "INSERT INTO t VALUES (3)");
				standby.restart();
				assertThat(count(either)).as("rows of the new primary after a restart").isEqualTo(2);
			}
		}
	}

	@Test
	void aKilledSessionTakesTheOthersAndWhatIsNotLoggedWithItAndTheServerStartsAnew() throws Exception {
		try (PostgresServer server = PostgresServer.start()) {
			Database database = server.newDatabase();
			execute(database, "CREATE TABLE t (n INT)");
			execute(database, "INSERT INTO t VALUES (1)");
			execute(database, "CREATE UNLOGGED TABLE u AS TABLE t");
			server.restart();
			try (Connection session = database.dataSource().getConnection();
					Connection other = database.dataSource().getConnection()) {
				assertThat(number(session, "SELECT count(*) FROM u")).as("rows after a clean restart").isOne();
				server.killBackend(number(session, "SELECT pg_backend_pid()"));
				assertThat(other.isValid(10)).as("whether another session is still there").isFalse();
			}
			try (Connection session = database.dataSource().getConnection()) {
				assertThat(number(session, "SELECT count(*) FROM t")).as("rows that were logged").isOne();
				assertThat(number(session, "SELECT count(*) FROM u")).as("rows that were not logged").isZero();
			}
		}
	}

	private static void execute(Database database, String sql) throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static int count(Database database) throws SQLException {
		try (Connection connection = database.dataSource().getConnection()) {
			return number(connection, "SELECT count(*) FROM t");
		}
	}

	private static int number(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getInt(1);
		}
	}

}
