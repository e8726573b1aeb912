package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * PgBouncer in front of a PostgreSQL server. Only the profile {@code more-servers} needs
 * it.
 */
public final class PgBouncer implements AutoCloseable {

	private static final List<String> PLACES = List.of("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin");

	private final int port;

	private final ServerProcess process;

	private PgBouncer(int port, ServerProcess process) {
		this.port = port;
		this.process = process;
	}

	/**
	 * Starts a pooler.
	 * @param server where it leads to
	 * @param mode {@code transaction} or {@code session}
	 * @return a running pooler
	 */
	public static PgBouncer start(PostgresServer server, String mode) {
		Path directoryOfProgram = Commands.find(PLACES, "pgbouncer");
		if (directoryOfProgram == null) {
			throw new IllegalStateException("PgBouncer is not installed on this machine. Install pgbouncer.");
		}
		Path program = directoryOfProgram.resolve("pgbouncer");
		// It refuses to run as the superuser, as PostgreSQL does.
		String user = Commands.isSuperuser() ? "postgres" : null;
		Path directory = Commands.newDirectory(user);
		int port = Commands.freePort();
		Path configuration = directory.resolve("pgbouncer.ini");
		try {
			Files.writeString(configuration, """
					[databases]
					* = host=127.0.0.1 port=%d user=%s password=%s
					[pgbouncer]
					listen_addr = 127.0.0.1
					listen_port = %d
					unix_socket_dir =
					auth_type = any
					pool_mode = %s
					ignore_startup_parameters = extra_float_digits
					""".formatted(server.port(), server.username(), server.password(), port, mode));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		List<String> command = new ArrayList<>();
		if (user != null) {
			command.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
		}
		command.addAll(List.of(program.toString(), configuration.toString()));
		ServerProcess process = new ServerProcess(directory, "KILL", command);
		PgBouncer started = new PgBouncer(port, process);
		process.start();
		Database main = new Database(server.jdbcUrl(), server.username(), server.password()).through(port);
		ServerProcess.await("PgBouncer", process, () -> answers(main));
		return started;
	}

	private static boolean answers(Database database) {
		try {
			database.dataSource().getConnection().close();
			return true;
		}
		catch (SQLException ex) {
			return false;
		}
	}

	public int port() {
		return this.port;
	}

	@Override
	public void close() {
		this.process.close();
	}

}
