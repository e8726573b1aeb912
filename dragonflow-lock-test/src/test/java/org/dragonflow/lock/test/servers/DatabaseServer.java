package org.dragonflow.lock.test.servers;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * A database server that tests may fill, stop and break. Each class of tests takes a
 * database of its own. A server that is shared must be left running; whoever stops one
 * starts one.
 */
public abstract sealed class DatabaseServer implements AutoCloseable
		permits PostgresServer, MariaDbServer, MySqlServer, H2Server {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private static final AtomicInteger databases = new AtomicInteger();

	private final Database main;

	private final @Nullable ServerProcess process;

	DatabaseServer(Database main, @Nullable ServerProcess process) {
		this.main = main;
		this.process = process;
	}

	/**
	 * A server of the user's own, to be used in place of a shared one.
	 * @param product the part of the environment variables' names
	 * @return its main database, or null if there is none
	 */
	static @Nullable Database fromEnvironment(String product) {
		String prefix = "DRAGONFLOW_TEST_" + product;
		String url = System.getenv(prefix + "_URL");
		if (url == null || url.isBlank()) {
			return null;
		}
		return new Database(url, System.getenv().getOrDefault(prefix + "_USERNAME", ""),
				System.getenv().getOrDefault(prefix + "_PASSWORD", ""));
	}

	/**
	 * The URL of the server's main database, in which tests should create nothing.
	 * @return a JDBC URL
	 */
	public final String jdbcUrl() {
		return this.main.jdbcUrl();
	}

	/**
	 * Where the server listens on this host.
	 * @return the port
	 */
	public final int port() {
		return this.main.port();
	}

	/**
	 * A user who may do everything.
	 * @return the user's name
	 */
	public final String username() {
		return this.main.username();
	}

	/**
	 * The password of {@link #username()}.
	 * @return the password
	 */
	public final String password() {
		return this.main.password();
	}

	/**
	 * Connections to the server's main database, without a pool.
	 * @return a data source that opens a new connection each time
	 */
	public final DataSource dataSource() {
		return this.main.dataSource();
	}

	/**
	 * Creates an empty database.
	 * @return a database that nobody else uses
	 */
	public final Database newDatabase() {
		String name = "dragonflow_" + ProcessHandle.current().pid() + "_" + databases.incrementAndGet();
		create(name);
		if (this.process == null) {
			Runtime.getRuntime().addShutdownHook(new Thread(() -> execute(dropStatement(name))));
		}
		return this.main.named(name);
	}

	void create(String name) {
		execute("CREATE DATABASE " + name);
	}

	String dropStatement(String name) {
		return "DROP DATABASE " + name;
	}

	/**
	 * The signal that makes the server end in an orderly way without waiting for clients.
	 * @return a signal's name
	 */
	abstract String stopSignal();

	/**
	 * Stops the server in an orderly way; its clients' connections end. Does nothing if
	 * it does not run.
	 */
	public final void stop() {
		process().end(stopSignal());
	}

	/**
	 * Starts the server anew, with its data and on its port, whether it was stopped or
	 * killed before or still runs. Returns when it answers.
	 */
	public final void restart() {
		stop();
		process().start();
		awaitAnswer();
	}

	/**
	 * Ends the server as a crash does.
	 */
	public final void kill() {
		process().kill();
	}

	/**
	 * Stops all processes of the server in their tracks. Connections stay, but nothing is
	 * answered.
	 */
	public final void pause() {
		process().pause();
	}

	/**
	 * Lets a paused server go on. Does nothing if it does not run.
	 */
	public final void resume() {
		process().resume();
	}

	/**
	 * Ends the server for good, and deletes its data.
	 */
	@Override
	public final void close() {
		process().close();
	}

	/**
	 * The server's processes, and those that watch over it.
	 * @return all that are there now
	 */
	final List<ProcessHandle> processes() {
		return process().processes();
	}

	/**
	 * The directory that has the server's data.
	 * @return a temporary directory
	 */
	final Path directory() {
		return process().directory();
	}

	final void awaitAnswer() {
		long start = System.nanoTime();
		while (true) {
			try {
				this.main.dataSource().getConnection().close();
				return;
			}
			catch (SQLException ex) {
				if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
					throw new IllegalStateException(String.format(Locale.ROOT,
							"%s does not answer. Its log ends in: %s", this.main.jdbcUrl(), process().log()), ex);
				}
				pauseBriefly();
			}
		}
	}

	final void execute(String sql) {
		try (Connection connection = this.main.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Cannot run '" + sql + "' on " + this.main.jdbcUrl(), ex);
		}
	}

	private ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The server at " + this.main.jdbcUrl()
					+ " is not of this test: start one to stop, pause or kill it");
		}
		return this.process;
	}

	private static void pauseBriefly() {
		try {
			Thread.sleep(20);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for a server", ex);
		}
	}

}
