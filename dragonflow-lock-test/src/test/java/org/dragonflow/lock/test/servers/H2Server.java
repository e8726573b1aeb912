package org.dragonflow.lock.test.servers;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;

/**
 * H2's own server, in a JVM of its own.
 */
public final class H2Server extends DatabaseServer {

	private static @Nullable H2Server shared;

	private H2Server(Database main, ServerProcess process) {
		super(main, process);
	}

	/**
	 * The server that all tests of this JVM share.
	 * @return a running server
	 */
	public static synchronized H2Server shared() {
		if (shared == null) {
			shared = start();
		}
		return shared;
	}

	/**
	 * Starts a server for one test.
	 * @return a running server
	 */
	public static H2Server start() {
		Path directory = Commands.newDirectory(null);
		int port = Commands.freePort();
		ServerProcess process = new ServerProcess(directory, "KILL",
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
						"-XX:TieredStopAtLevel=1", "-Dh2.bindAddress=127.0.0.1", "-cp", library().toString(),
						Server.class.getName(), "-tcp", "-tcpPort", String.valueOf(port), "-baseDir",
						directory.toString(), "-ifNotExists"));
		// Open until the server ends, and written at each commit.
		H2Server server = new H2Server(
				new Database("jdbc:h2:tcp://127.0.0.1:" + port + "/main;DB_CLOSE_DELAY=-1;WRITE_DELAY=0", "sa", ""),
				process);
		process.start();
		server.awaitAnswer();
		return server;
	}

	private static Path library() {
		try {
			return Path.of(Server.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException("H2 is not a file on the class path", ex);
		}
	}

	@Override
	void create(String name) {
		// The first connection does it.
	}

	@Override
	String stopSignal() {
		return "TERM";
	}

}
