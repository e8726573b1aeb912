package org.dragonflow.lock.test.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * MySQL, which the profile {@code more-servers} has Maven bring.
 */
public final class MySqlServer extends DatabaseServer {

	private static final Path HOME = Path.of("target/servers/mysql");

	private static final String USER = "dragonflow";

	private static final String PASSWORD = "secret";

	private static @Nullable MySqlServer shared;

	private MySqlServer(Database main, ServerProcess process) {
		super(main, process);
	}

	/**
	 * The server that all tests of this JVM share.
	 * @return a running server
	 */
	public static synchronized MySqlServer shared() {
		if (shared == null) {
			shared = start();
		}
		return shared;
	}

	private static MySqlServer start() {
		Path program = Commands.ofProfile("MySQL", HOME.resolve("bin/mysqld")).toAbsolutePath();
		Path directory = Commands.newDirectory(null);
		List<String> options = new ArrayList<>(List.of(program.toString(), "--no-defaults",
				"--basedir=" + HOME.toAbsolutePath(), "--datadir=" + directory.resolve("data"),
				"--innodb-redo-log-capacity=16M", "--innodb-buffer-pool-size=64M"));
		if (Commands.isSuperuser()) {
			options.add("--user=root");
		}
		List<String> initialize = new ArrayList<>(options);
		initialize.add("--initialize-insecure");
		Commands.run(initialize);
		int port = Commands.freePort();
		// Commits are as visible as ever; they do not survive the machine, only the
		// server.
		options.addAll(List.of("--innodb-flush-log-at-trx-commit=2", "--skip-log-bin", "--bind-address=127.0.0.1",
				"--port=" + port, "--socket=" + directory.resolve("socket"), "--pid-file=" + directory.resolve("pid"),
				"--mysqlx=OFF", "--skip-name-resolve", "--max-connections=200",
				"--init-file=" + MariaDbServer.usersFile(directory)));
		ServerProcess process = new ServerProcess(directory, "KILL", options);
		MySqlServer started = new MySqlServer(
				new Database("jdbc:mysql://127.0.0.1:" + port + "/mysql?sslMode=DISABLED&allowPublicKeyRetrieval=true",
						USER, PASSWORD),
				process);
		process.start();
		started.awaitAnswer();
		return started;
	}

	@Override
	String stopSignal() {
		return "TERM";
	}

}
