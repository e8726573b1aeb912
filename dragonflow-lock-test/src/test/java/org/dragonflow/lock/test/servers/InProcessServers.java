package org.dragonflow.lock.test.servers;

import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.UUID;

import org.apache.derby.drda.NetworkServerControl;
import org.awaitility.Awaitility;
import org.hsqldb.server.Server;

/**
 * Servers of databases that are libraries: they run in this JVM, for others to connect
 * to, and keep their data in its memory.
 */
public final class InProcessServers {

	private InProcessServers() {
	}

	/**
	 * Starts HSQLDB's server.
	 * @return a new database on it
	 */
	public static Database hsqlDb() {
		Server server = new Server();
		int port = Commands.freePort();
		server.setAddress("127.0.0.1");
		server.setPort(port);
		server.setDatabaseName(0, "main");
		server.setDatabasePath(0, "mem:" + UUID.randomUUID());
		server.setDaemon(true);
		server.setNoSystemExit(true);
		server.setSilent(true);
		server.setLogWriter(null);
		server.start();
		return new Database("jdbc:hsqldb:hsql://127.0.0.1:" + port + "/main", "sa", "");
	}

	/**
	 * Starts Derby's server.
	 * @return a new database on it
	 * @throws Exception if it does not start
	 */
	public static Database derby() throws Exception {
		// Where it writes its log, which is the working directory otherwise.
		System.setProperty("derby.stream.error.file", Path.of("target", "derby.log").toString());
		int port = Commands.freePort();
		NetworkServerControl server = new NetworkServerControl(InetAddress.getByName("127.0.0.1"), port);
		server.start(new PrintWriter(Writer.nullWriter()));
		Awaitility.await("Derby's server answers").ignoreExceptions().until(() -> {
			server.ping();
			return true;
		});
		return new Database("jdbc:derby://127.0.0.1:" + port + "/memory:" + UUID.randomUUID() + ";create=true", "sa",
				"sa");
	}

}
