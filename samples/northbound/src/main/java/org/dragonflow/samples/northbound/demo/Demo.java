package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import org.h2.tools.Server;

/**
 * Runs two processes of the service on one database, without the lock and then with it.
 */
final class Demo {

	private static final Path DIRECTORY = Path.of("target", "demo");

	private final Options options;

	private final PrintStream out;

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	Demo(Options options, PrintStream out) {
		this.options = options;
		this.out = out;
	}

	/**
	 * Runs the demonstration, and waits to be stopped unless it shall exit.
	 * @return whether updates were lost without the lock, and none with it
	 * @throws IOException if a process does not start or answer
	 * @throws InterruptedException if interrupted
	 * @throws SQLException if the database does not start
	 */
	boolean run() throws IOException, InterruptedException, SQLException {
		Files.createDirectories(DIRECTORY);
		// The database is served from here, so that no process of the service, whichever
		// is stopped, takes it along.
		Server database = Server.createTcpServer("-tcpPort", "0").start();
		try (DemoStore store = DemoStore.of(this.options.choice().driver(), DIRECTORY)) {
			return run(database, this.options.choice().with(store.properties()));
		}
	}

	private boolean run(Server database, LockChoice choice) throws IOException, InterruptedException, SQLException {
		Load.Result without;
		try (Connection keptOpen = openDatabase("without");
				ProcessPair pair = start("without", database, LockChoice.NONE)) {
			without = load(pair.awaitReady(this.client), LockChoice.NONE);
		}
		try (Connection keptOpen = openDatabase("with"); ProcessPair pair = start("with", database, choice)) {
			List<Northbound> instances = pair.awaitReady(this.client);
			this.out.printf("Watch who holds what, and who waits for whom: %s%n", instances.get(0).console());
			Report report = new Report(choice, without, load(instances, choice));
			this.out.printf("%n%s%n", report);
			if (!this.options.exit()) {
				tryByHand(instances);
			}
			return report.isConvincing();
		}
	}

	// Makes the tables: two processes that start at once would get in each other's way.
	private static Connection openDatabase(String name) throws SQLException {
		return DriverManager.getConnection(
				"jdbc:h2:mem:" + name + ";DB_CLOSE_ON_EXIT=FALSE;INIT=RUNSCRIPT FROM 'classpath:schema.sql'", "sa", "");
	}

	private ProcessPair start(String name, Server database, LockChoice choice) throws IOException {
		this.out.printf("Starting two processes, %s (logs: %s-*.log) ...%n", choice.title(), DIRECTORY.resolve(name));
		String url = "jdbc:h2:tcp://localhost:" + database.getPort() + "/mem:" + name;
		return new ProcessPair(name, DIRECTORY,
				Stream
					.concat(Stream.of("--spring.datasource.url=" + url, "--spring.sql.init.mode=never"),
							choice.properties().stream())
					.toList());
	}

	private Load.Result load(List<Northbound> instances, LockChoice choice) throws IOException, InterruptedException {
		this.out.printf("%d callers change %d networks at both, %s ...%n", Load.CALLERS, Load.NETWORKS, choice.title());
		return new Load(instances).run();
	}

	private void tryByHand(List<Northbound> instances) throws InterruptedException {
		this.out.printf("""
				Both processes stay up. Try them by hand:

				  A=%s B=%s
				  create() { curl -sS -H 'Content-Type: application/json' "$1" -d "$2"; echo; }

				  # A network with a subnet, and a port made by each process:
				  create $A/networks '{"id": "mine", "projectId": "me", "name": "my network"}'
				  create $A/networks/mine/subnets '{"cidr": "192.168.0.0/24"}'
				  create $A/networks/mine/ports '{"name": "first"}'
				  create $B/networks/mine/ports '{"name": "second"}'

				  # One process holds the lock; the other answers 423 to a call that does not wait:
				  curl -sS -X POST $A/networks/mine/maintenance; echo
				  curl -sS $A/actuator/locks; echo
				  curl -sSi -X POST $B/networks/mine/rebuild; echo
				  curl -sS -X DELETE $A/networks/mine/maintenance
				  curl -sSi -X POST $B/networks/mine/rebuild; echo

				Each shows what it locks, and the callers of before for as long as two minutes:
				  %s
				  %s

				Ctrl-C stops all.
				""", instances.get(0).base(), instances.get(1).base(), instances.get(0).console(),
				instances.get(1).console());
		new CountDownLatch(1).await();
	}

}
