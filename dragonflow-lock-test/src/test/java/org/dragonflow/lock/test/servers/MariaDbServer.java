package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * MariaDB.
 */
public final class MariaDbServer extends DatabaseServer {

	private static final List<String> PLACES = List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin");

	private static final List<String> GALERA = List.of("/usr/lib/galera/libgalera_smm.so",
			"/usr/lib64/galera-4/libgalera_smm.so");

	private static final String USER = "dragonflow";

	private static final String PASSWORD = "secret";

	private static @Nullable MariaDbServer shared;

	private MariaDbServer(Database main, @Nullable ServerProcess process) {
		super(main, process);
	}

	/**
	 * The server that all tests of this JVM share; or the one that
	 * {@code DRAGONFLOW_TEST_MARIADB_URL}, {@code _USERNAME} and {@code _PASSWORD} name,
	 * whose user must be allowed to create databases.
	 * @return a running server
	 */
	public static synchronized MariaDbServer shared() {
		if (shared == null) {
			Database external = fromEnvironment("MARIADB");
			shared = (external != null) ? new MariaDbServer(external, null) : start();
		}
		return shared;
	}

	/**
	 * Starts a server for one test.
	 * @return a running server
	 */
	public static MariaDbServer start() {
		return start(true, List.of());
	}

	/**
	 * Starts two servers with the same content, each of which may be written to.
	 * @return two running servers
	 */
	public static List<MariaDbServer> startGaleraPair() {
		String first = "127.0.0.1:" + Commands.freePort();
		return List.of(start(true, galera(first, "gcomm://")),
				start(false, galera("127.0.0.1:" + Commands.freePort(), "gcomm://" + first)));
	}

	private static List<String> galera(String address, String cluster) {
		Path library = GALERA.stream()
			.map(Path::of)
			.filter(Files::isReadable)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("Galera is not installed on this machine: there is none of "
					+ GALERA + ". Install galera-4, and rsync."));
		return List.of("--wsrep-on=ON", "--wsrep-provider=" + library, "--wsrep-cluster-address=" + cluster,
				"--wsrep-node-address=" + address, "--wsrep-sst-method=rsync",
				"--wsrep-sst-receive-address=127.0.0.1:" + Commands.freePort(),
				"--wsrep-provider-options=gmcast.listen_addr=tcp://" + address + ";ist.recv_addr=127.0.0.1:"
						+ Commands.freePort() + ";gcache.size=16M",
				"--binlog-format=ROW", "--innodb-autoinc-lock-mode=2");
	}

	private static MariaDbServer start(boolean withUsers, List<String> more) {
		Path server = Commands.binaries("MariaDB", PLACES, "mariadbd").resolve("mariadbd");
		Path installer = Commands.binaries("MariaDB", PLACES, "mariadb-install-db").resolve("mariadb-install-db");
		String user = Commands.isSuperuser() ? (Commands.userExists("mysql") ? "mysql" : "root") : null;
		Path directory = Commands.newDirectory(user);
		List<String> options = new ArrayList<>(List.of("--no-defaults", "--datadir=" + directory.resolve("data"),
				"--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M"));
		if (user != null) {
			options.add("--user=" + user);
		}
		initialize(installer, options);
		int port = Commands.freePort();
		List<String> command = new ArrayList<>(List.of(server.toString()));
		command.addAll(options);
		// Commits are as visible as ever; they do not survive the machine, only the
		// server.
		command.addAll(List.of("--innodb-flush-log-at-trx-commit=2", "--bind-address=127.0.0.1", "--port=" + port,
				"--socket=" + directory.resolve("socket"), "--pid-file=" + directory.resolve("pid"),
				"--skip-name-resolve", "--max-connections=200"));
		command.addAll(more);
		if (withUsers) {
			command.add("--init-file=" + usersFile(directory));
		}
		ServerProcess process = new ServerProcess(directory, "KILL", command);
		MariaDbServer started = new MariaDbServer(
				new Database("jdbc:mariadb://127.0.0.1:" + port + "/mysql", USER, PASSWORD), process);
		process.start();
		started.awaitAnswer();
		return started;
	}

	/**
	 * Creates an empty database, to be used through MySQL's own driver.
	 * @return a database that nobody else uses
	 */
	public Database newDatabaseForConnectorJ() {
		Database database = newDatabase();
		return new Database(database.jdbcUrl().replaceFirst("^jdbc:mariadb:", "jdbc:mysql:"), database.username(),
				database.password());
	}

	private static void initialize(Path installer, List<String> options) {
		List<String> command = new ArrayList<>(List.of(installer.toString()));
		command.addAll(options);
		command.addAll(List.of("--auth-root-authentication-method=normal", "--skip-test-db"));
		Commands.run(command);
	}

	static Path usersFile(Path directory) {
		try {
			// One statement per line: the server knows no other format for this file.
			return Files.writeString(directory.resolve("users.sql"), """
					CREATE USER IF NOT EXISTS '%1$s'@'%%' IDENTIFIED BY '%2$s';
					GRANT ALL PRIVILEGES ON *.* TO '%1$s'@'%%' WITH GRANT OPTION;
					""".formatted(USER, PASSWORD));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	String stopSignal() {
		return "TERM";
	}

}
