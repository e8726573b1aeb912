package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL.
 */
public final class PostgresServer extends DatabaseServer {

	private static final String USER = "dragonflow";

	private static final String PASSWORD = "secret";

	// Commits are as visible as ever; they do not survive the machine, only the server.
	// What is committed without waiting for the disk gets there late, so that a test can
	// tell.
	private static final List<String> NOT_DURABLE = List.of("-c", "fsync=off", "-c", "full_page_writes=off", "-c",
			"wal_writer_delay=10s");

	private static final Path VERSION_18 = Path.of("target/servers/postgresql/postgres-linux-x86_64.txz");

	private static @Nullable PostgresServer shared;

	private static @Nullable PostgresServer shared18;

	private PostgresServer(Database main, @Nullable ServerProcess process) {
		super(main, process);
	}

	/**
	 * The server that all tests of this JVM share; or the one that
	 * {@code DRAGONFLOW_TEST_POSTGRESQL_URL}, {@code _USERNAME} and {@code _PASSWORD}
	 * name, whose user must be allowed to create databases.
	 * @return a running server
	 */
	public static synchronized PostgresServer shared() {
		if (shared == null) {
			Database external = fromEnvironment("POSTGRESQL");
			shared = (external != null) ? new PostgresServer(external, null) : start();
		}
		return shared;
	}

	/**
	 * Starts a server for one test.
	 * @return a running server
	 */
	public static PostgresServer start() {
		return start(null, NOT_DURABLE);
	}

	/**
	 * PostgreSQL 18, which the profile {@code more-servers} has Maven bring. All tests of
	 * this JVM share it.
	 * @return a running server
	 */
	public static synchronized PostgresServer shared18() {
		if (shared18 == null) {
			shared18 = start(Commands.ofProfile("PostgreSQL 18", VERSION_18), NOT_DURABLE);
		}
		return shared18;
	}

	/**
	 * Starts a server whose commits reach the disk, as they do in production: to measure
	 * with.
	 * @return a running server
	 */
	public static PostgresServer startDurable() {
		return start(null, List.of());
	}

	private static PostgresServer start(@Nullable Path archive, List<String> options) {
		// PostgreSQL refuses to run as the superuser.
		String user = Commands.isSuperuser() ? "postgres" : null;
		Path directory = Commands.newDirectory(user);
		Path binaries = (archive != null) ? unpack(archive, directory)
				: Commands.binaries("PostgreSQL",
						List.of("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
								"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"),
						"initdb", "postgres");
		String data = directory.resolve("data").toString();
		initialize(binaries, user, directory, data);
		int port = Commands.freePort();
		List<String> command = new ArrayList<>(as(user, binaries.resolve("postgres").toString(), "-D", data, "-p",
				String.valueOf(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
				"shared_buffers=32MB", "-c", "max_connections=200"));
		command.addAll(options);
		// SIGQUIT takes the children along, if need be by force.
		ServerProcess process = new ServerProcess(directory, "QUIT", command);
		PostgresServer server = new PostgresServer(
				new Database("jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, PASSWORD), process);
		process.start();
		server.awaitAnswer();
		return server;
	}

	private static Path unpack(Path archive, Path directory) {
		Commands.run(List.of("tar", "-xJf", archive.toString(), "-C", directory.toString()));
		return directory.resolve("bin");
	}

	private static void initialize(Path binaries, @Nullable String user, Path directory, String data) {
		try {
			Path passwordFile = Files.writeString(directory.resolve("password"), PASSWORD);
			Commands.run(as(user, binaries.resolve("initdb").toString(), "-D", data, "-U", USER, "--pwfile",
					passwordFile.toString(), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> as(@Nullable String user, String... command) {
		List<String> full = new ArrayList<>();
		if (user != null) {
			full.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
		}
		full.addAll(List.of(command));
		return full;
	}

	@Override
	String dropStatement(String name) {
		return "DROP DATABASE " + name + " WITH (FORCE)";
	}

	@Override
	String stopSignal() {
		return "INT";
	}

}
