package org.dragonflow.lock.test.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of the servers that other tests rely on.
 */
class DatabaseServersTests {

	static List<Named<Supplier<DatabaseServer>>> servers() {
		return List.of(Named.of("PostgreSQL", PostgresServer::start), Named.of("MariaDB", MariaDbServer::start),
				Named.of("H2", H2Server::start));
	}

	@ParameterizedTest
	@MethodSource("servers")
	void aServerKeepsItsDataAcrossStopAndCrash(Supplier<DatabaseServer> starter) throws Exception {
		try (DatabaseServer server = starter.get()) {
			Database database = server.newDatabase();
			execute(database, "CREATE TABLE t (n INT)");
			execute(database, "INSERT INTO t VALUES (1)");
			server.stop();
			assertThatExceptionOfType(SQLException.class).as("a connection to a stopped server")
				.isThrownBy(() -> database.dataSource().getConnection());
			server.restart();
			execute(database, "INSERT INTO t VALUES (2)");
			server.kill();
			assertThatExceptionOfType(SQLException.class).as("a connection to a killed server")
				.isThrownBy(() -> database.dataSource().getConnection());
			server.restart();
			assertThat(count(database)).as("rows after a stop and a crash").isEqualTo(2);
		}
	}

	@ParameterizedTest
	@MethodSource("servers")
	void aPausedServerAnswersOnlyAfterItWasResumed(Supplier<DatabaseServer> starter) throws Exception {
		try (DatabaseServer server = starter.get()) {
			Database database = server.newDatabase();
			try (Connection connection = database.dataSource().getConnection();
					Statement statement = connection.createStatement()) {
				server.pause();
				CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(() -> select(statement));
				Awaitility.await()
					.during(Duration.ofMillis(300))
					.atMost(Duration.ofSeconds(5))
					.untilAsserted(() -> assertThat(answer).as("the answer of a paused server").isNotDone());
				server.resume();
				assertThat(answer).as("the answer of a resumed server").succeedsWithin(Duration.ofSeconds(10));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("servers")
	void aClosedServerLeavesNothing(Supplier<DatabaseServer> starter) {
		DatabaseServer server = starter.get();
		List<ProcessHandle> processes = server.processes();
		assertThat(processes).as("the shell and the server").hasSizeGreaterThanOrEqualTo(2);
		server.pause();
		server.close();
		assertThat(processes).as("processes after close").noneMatch(ProcessHandle::isAlive);
	}

	@Test
	void aKilledJvmLeavesNothing() throws Exception {
		Process jvm = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), ServersOfAnotherJvm.class.getName())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try {
			String directories = jvm.inputReader().readLine();
			List<ProcessHandle> processes = jvm.descendants().toList();
			assertThat(processes).as("three shells and three servers").hasSizeGreaterThanOrEqualTo(6);
			jvm.destroyForcibly().waitFor();
			Awaitility.await("the servers of a killed JVM end")
				.atMost(Duration.ofSeconds(30))
				.until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
			assertThat(directories.split(" ")).as("the servers' directories")
				.hasSize(3)
				.noneMatch((directory) -> Files.exists(Path.of(directory)));
		}
		finally {
			jvm.destroyForcibly();
		}
	}

	@Test
	void theDatabasesOfASharedServerAreApart() throws Exception {
		for (DatabaseServer server : List.of(PostgresServer.shared(), MariaDbServer.shared(), H2Server.shared())) {
			Database one = server.newDatabase();
			execute(one, "CREATE TABLE t (n INT)");
			execute(server.newDatabase(), "CREATE TABLE t (n INT)");
			assertThat(count(one)).as("rows of a new table at " + one.jdbcUrl()).isZero();
		}
	}

	@Test
	void mariaDbCanBeUsedThroughMySqlsDriver() throws Exception {
		Database database = MariaDbServer.shared().newDatabaseForConnectorJ();
		try (Connection connection = database.dataSource().getConnection()) {
			assertThat(connection.getMetaData().getDriverName()).as("the driver").contains("MySQL");
			assertThat(connection.getTransactionIsolation()).as("a setting read from the server")
				.isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
		}
		execute(database, "CREATE TABLE t (n INT)");
		assertThat(count(database)).as("rows of a new table").isZero();
	}

	@Test
	void aMissingServerIsAFailureThatSaysWhatToDo() {
		assertThatIllegalStateException().isThrownBy(() -> Commands.binaries("Nothing", List.of(), "no-such-program"))
			.withMessageContaining("bin/setup");
	}

	private static void execute(Database database, String sql) throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static boolean select(Statement statement) {
		try {
			return statement.execute("SELECT 1");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static int count(Database database) throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM t")) {
			result.next();
			return result.getInt(1);
		}
	}

	/**
	 * Starts one server of each kind, and waits to be killed.
	 */
	static final class ServersOfAnotherJvm {

		private ServersOfAnotherJvm() {
		}

		public static void main(String[] arguments) throws InterruptedException {
			System.out.println(Stream.of(PostgresServer.start(), MariaDbServer.start(), H2Server.start())
				.map((server) -> server.directory().toString())
				.collect(Collectors.joining(" ")));
			Thread.currentThread().join();
		}

	}

}
