package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Stream;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract kit, and what depends on how a database is asked, on MySQL itself and on
 * PostgreSQL 18.
 */
@Tag("more-servers")
class MoreDatabasesTests {

	private static Stream<TestDatabase> both() {
		return Stream.of(TestDatabase.mySql8(), TestDatabase.postgres18());
	}

	@Test
	void theyAreOfTheVersionsThatThePageNames() throws Exception {
		assertThat(version(TestDatabase.mySql8())).as("MySQL").isEqualTo("8.0.33");
		assertThat(version(TestDatabase.postgres18())).as("PostgreSQL").isEqualTo("18.4");
	}

	private static String version(TestDatabase database) throws SQLException {
		try (Connection connection = database.dataSource().getConnection()) {
			return connection.getMetaData().getDatabaseProductVersion();
		}
	}

	@Nested
	class MySql8ContractTests extends DatabaseContract {

		private static final TestDatabase DATABASE = TestDatabase.mySql8();

		MySql8ContractTests() {
			super(DATABASE);
		}

	}

	@Nested
	class Postgres18ContractTests extends DatabaseContract {

		private static final TestDatabase DATABASE = TestDatabase.postgres18();

		Postgres18ContractTests() {
			super(DATABASE);
		}

	}

	// Static methods of the same names hide those that name the build's databases.

	@Nested
	class OfDriverTests extends JdbcLockDriverTests {

		static Stream<TestDatabase> databases() {
			return both();
		}

		static Stream<TestDatabase> allDatabases() {
			return both();
		}

	}

	@Nested
	class OfTokenOrderTests extends TokenOrderTests {

		static Stream<TestDatabase> oneStatement() {
			return both();
		}

		static Stream<TestDatabase> all() {
			return both();
		}

	}

	@Nested
	class OfRenewalOfManyHoldsTests extends RenewalOfManyHoldsTests {

		static Stream<TestDatabase> databases() {
			return both();
		}

	}

}
