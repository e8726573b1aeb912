package org.dragonflow.lock.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.jdbc.JdbcLockSettings;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Grants that do not wait for the disk, on a server that loses those of the last seconds
 * in a crash; and on a standby that has never heard of them. Holders that have lost their
 * server go on until their lease ends.
 */
@Timeout(300)
class ForgottenGrantTests {

	private static final Duration LEASE = Duration.ofSeconds(6);

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private static final int IDS = 3;

	private static final int CLIENTS = 3;

	private static final int CRASHES = 1;

	private final List<AutoCloseable> opened = new ArrayList<>();

	private final PostgresServer server = opened(PostgresServer.start());

	private final Database database = this.server.newDatabase();

	ForgottenGrantTests() {
		new ResourceDatabasePopulator(new ClassPathResource("org/dragonflow/lock/jdbc/schema-postgresql.sql"))
			.execute(this.database.dataSource());
	}

	@AfterEach
	void close() throws Exception {
		for (int i = this.opened.size() - 1; i >= 0; i--) {
			this.opened.get(i).close();
		}
	}

	@Test
	void aServerThatHasCrashedLetsNobodyInBesideAHolder() throws Exception {
		nobodyComesInBesideAHolder(this.database.jdbcUrl(), () -> {
			this.server.kill();
			this.server.restart();
		});
	}

	@Test
	void aServerThatHasLostOneProcessLetsNobodyInBesideAHolder() throws Exception {
		nobodyComesInBesideAHolder(this.database.jdbcUrl(), () -> this.server.killBackend(anyBackend()));
	}

	@Test
	void aStandbyThatIsPromotedLetsNobodyInBesideAHolder() throws Exception {
		PostgresServer standby = opened(this.server.standby());
		standby.leaveBehind();
		String both = this.database.jdbcUrl()
			.replace(":" + this.server.port(), ":" + this.server.port() + ",127.0.0.1:" + standby.port());
		nobodyComesInBesideAHolder(both + "?targetServerType=primary", () -> {
			this.server.kill();
			standby.promote();
		});
	}

	@Test
	void aServerThatStopsAndStartsAsItShouldGrantsAtOnce() throws Exception {
		Client holder = client(this.database.jdbcUrl());
		LockHandle held = holder.acquire("net-1");
		this.server.restart();
		LockHandle other = client(this.database.jdbcUrl()).acquire("net-2");
		assertThat(held.isHeld()).as("that the lease in which it came to be still lasts").isTrue();
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void holdsNeverOverlapWhileServersCrashUnderLoad() {
		List<Contention> contentions = IntStream.range(0, IDS)
			.mapToObj((i) -> new Contention("net-" + i, PATIENCE, LEASE.dividedBy(4)))
			.toList();
		for (int i = 0; i < CLIENTS; i++) {
			Client client = client(this.database.jdbcUrl());
			contentions.forEach((contention) -> contention.join(client.lock()));
		}
		try {
			for (int i = 0; i < CRASHES; i++) {
				contentions.forEach((contention) -> contention.awaitMore(1));
				this.server.kill();
				this.server.restart();
				contentions.forEach((contention) -> contention.awaitMore(1));
				this.server.killBackend(anyBackend());
			}
			contentions.forEach((contention) -> contention.awaitMore(CLIENTS));
		}
		finally {
			contentions.forEach(Contention::stop);
		}
		contentions.forEach(Contention::check);
	}

	private void nobodyComesInBesideAHolder(String jdbcUrl, Runnable crash) throws Exception {
		Client holder = client(jdbcUrl);
		Client other = client(jdbcUrl);
		// So that there is something to remember.
		other.acquire("net-2").close();
		LockHandle held = holder.acquire("net-1");
		crash.run();
		CompletableFuture<LockHandle> next = other.acquireLater(LockRequest.of("net-1"));
		// It may hear first that its connections are gone.
		await("a try meanwhile is told of the pause").atMost(LEASE).until(() -> isToldOfAPause(other));
		LockHandle after = next.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		assertThat(held.isHeld()).as("that the first holder still relies on it when the next one has it").isFalse();
		assertThat(after.fencingToken()).isGreaterThan(held.fencingToken());
	}

	private static boolean isToldOfAPause(Client client) {
		try {
			client.lock().lock("net-3", false);
			return false;
		}
		catch (LockStoreException ex) {
			return ex.getPause() != null && ex.getPause().compareTo(LEASE) <= 0;
		}
	}

	private Client client(String jdbcUrl) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(jdbcUrl);
		pool.setUsername(this.database.username());
		pool.setPassword(this.database.password());
		JdbcLockSettings settings = new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, null, Client.TIMEOUT,
				Duration.ofMillis(50), Duration.ofMinutes(10), false);
		return opened(Client.start(JdbcLockDriver.beside(pool, settings, 4), pool, LEASE));
	}

	private int anyBackend() {
		String sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
		try (Connection connection = this.database.dataSource().getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	private <T extends AutoCloseable> T opened(T resource) {
		this.opened.add(resource);
		return resource;
	}

}
