package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

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

	private final List<String> options;

	private PostgresServer(Database main, @Nullable ServerProcess process, List<String> options) {
		super(main, process);
		this.options = options;
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
			shared = (external != null) ? new PostgresServer(external, null, List.of()) : start();
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
		return start(archive, options, PostgresServer::initialize);
	}

	/**
	 * Starts a server that has what this one has, and follows it: it can be read from,
	 * and takes what this one commits, a moment later.
	 * @return a running standby
	 */
	public PostgresServer standby() {
		return start(null, this.options,
				(binaries,
						directory) -> Commands.run(as(user(), binaries.resolve("pg_basebackup").toString(), "-d",
								"postgresql://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port(), "-D", data(directory),
								"--write-recovery-conf", "--checkpoint=fast", "--no-sync")));
	}

	private static PostgresServer start(@Nullable Path archive, List<String> options, BiConsumer<Path, Path> filling) {
		String user = user();
		Path directory = Commands.newDirectory(user);
		Path binaries = (archive != null) ? directory.resolve("bin")
				: Commands.binaries("PostgreSQL",
						List.of("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
								"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"),
						"initdb", "postgres", "pg_basebackup");
		int port = Commands.freePort();
		List<String> command = new ArrayList<>(as(user, binaries.resolve("postgres").toString(), "-D", data(directory),
				"-p", String.valueOf(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
				"shared_buffers=32MB", "-c", "max_connections=200"));
		command.addAll(options);
		// SIGQUIT takes the children along, if need be by force.
		ServerProcess process = new ServerProcess(directory, "QUIT", command);
		try {
			if (archive != null) {
				Commands.run(List.of("tar", "-xJf", archive.toString(), "-C", directory.toString()));
			}
			filling.accept(binaries, directory);
			PostgresServer server = new PostgresServer(
					new Database("jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, PASSWORD), process,
					options);
			process.start();
			server.awaitAnswer();
			return server;
		}
		catch (RuntimeException ex) {
			process.close();
			throw ex;
		}
	}

	/**
	 * Lets a standby follow no more: it has what it has, and nothing that is committed
	 * from now on. (One that only puts off what it has received would still do it all
	 * when it is promoted.)
	 */
	public void leaveBehind() {
		execute("ALTER SYSTEM SET primary_conninfo = ''");
		restart();
	}

	/**
	 * Makes a standby a primary. Returns when it can be written to.
	 */
	public void promote() {
		execute("DO $$ BEGIN ASSERT pg_promote(true, 60), 'it takes more than a minute'; END $$");
	}

	/**
	 * Ends the process of one session as a crash of it does. The server then ends all
	 * others, and starts anew by itself; returns when it answers.
	 * @param pid as {@code pg_backend_pid()} tells it
	 */
	public void killBackend(int pid) {
		ProcessHandle process = processes().stream()
			.filter((handle) -> handle.pid() == pid)
			.findAny()
			.orElseThrow(() -> new IllegalArgumentException("The server has no process " + pid));
		try (Connection other = dataSource().getConnection()) {
			process.destroyForcibly();
			while (other.isValid(60)) {
				Thread.onSpinWait();
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Cannot see how the sessions at " + jdbcUrl() + " end", ex);
		}
		awaitAnswer();
	}

	private static String data(Path directory) {
		return directory.resolve("data").toString();
	}

	// PostgreSQL refuses to run as the superuser.
	private static @Nullable String user() {
		return Commands.isSuperuser() ? "postgres" : null;
	}

	private static void initialize(Path binaries, Path directory) {
		try {
			Path passwordFile = Files.writeString(directory.resolve("password"), PASSWORD);
			Commands
				.run(as(user(), binaries.resolve("initdb").toString(), "-D", data(directory), "-U", USER, "--pwfile",
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
