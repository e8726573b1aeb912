package org.dragonflow.lock.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. A record has a flag that says whether somebody waits for its end; only then
 * the release sends a notification, for one costs the group commit.
 */
final class PostgresDialect extends Dialect {

	private static final int MAX_CHANNEL_LENGTH = 63;

	// Comes where the server is to be prepared first.
	private static final String NO_NAME = "";

	private final String channel;

	private final String stillHeld;

	private final Duration pollInterval;

	private final PostgresStatements sql;

	private final @Nullable PostgresMemory memory;

	/**
	 * A dialect.
	 * @param remembers whether grants need a server that has forgotten none
	 */
	PostgresDialect(JdbcLockSettings settings, boolean remembers) {
		super(settings.table(), "clock_timestamp()");
		this.channel = channel(settings.table());
		this.stillHeld = "SELECT lock_key FROM " + settings.table() + " WHERE " + this.held + " AND lock_key IN (%s)";
		this.pollInterval = settings.pollInterval();
		this.sql = new PostgresStatements(settings, this.channel, remembers);
		this.memory = remembers ? new PostgresMemory(settings, this.sql.durable) : null;
	}

	// Schema and table may have the length of an identifier each; a channel is one.
	private static String channel(String table) {
		String channel = table.toLowerCase(Locale.ROOT).replace('.', '_');
		return (channel.length() <= MAX_CHANNEL_LENGTH) ? channel
				: "dragonflow_lock_" + Integer.toHexString(channel.hashCode());
	}

	@Override
	ReleaseSignals signals(LockConnections connections, boolean isShared) {
		Function<List<String>, Set<String>> look = (names) -> connections.call("look for released locks",
				this::isCollision, (connection) -> held(connection, names));
		boolean listens = !isShared
				&& connections.call("find out whether the database can notify", this::isCollision, Dialects::canListen);
		return listens ? new NotifySignals(connections, this.channel, look, this.pollInterval)
				: new PollingSignals(look, this.pollInterval);
	}

	private Set<String> held(Connection connection, List<String> names) throws SQLException {
		return new HashSet<>(Statements.strings(connection, this.stillHeld.formatted(Statements.marks(names.size())),
				names.toArray()));
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		Answer answer = ask(connection, attempt, hadToWait);
		while (this.memory != null && answer == null) {
			this.memory.prepare(connection, attempt.lease());
			answer = ask(connection, attempt, hadToWait);
		}
		if (this.memory != null && answer != null && answer.token() != null) {
			this.memory.granted(attempt.lease());
		}
		return (answer != null) ? answer : Answer.HELD;
	}

	// Null if the server is to be prepared for it first.
	private @Nullable Answer ask(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		String name = attempt.key().name();
		if (!hadToWait) {
			List<Object> parameters = ofMemory(attempt.lease());
			Collections.addAll(parameters, name, attempt.owner(), name, attempt.owner(), toMicros(attempt.lease()));
			try (PreparedStatement statement = Statements.prepare(connection, this.sql.take, parameters.toArray());
					ResultSet rows = statement.executeQuery()) {
				if (rows.next()) {
					long token = rows.getLong(1);
					return rows.wasNull() ? null : Answer.granted(token);
				}
			}
			if (attempt.waitUntil().hasPassed()) {
				return Answer.HELD;
			}
		}
		// A failed attempt still locks the row, so look first. But where the flag is not
		// set, nobody would tell us of the release: go on and set it.
		try (PreparedStatement statement = Statements.prepare(connection, this.sql.peek, name, attempt.owner());
				ResultSet rows = statement.executeQuery()) {
			if (rows.next()) {
				return Answer.heldFor(rows.getLong(1));
			}
		}
		List<Object> parameters = ofMemory(attempt.lease());
		parameters.addAll(0,
				List.of(name, attempt.owner(), toMicros(attempt.lease()), !attempt.waitUntil().hasPassed(), hadToWait));
		try (PreparedStatement statement = Statements.prepare(connection, this.sql.acquire, parameters.toArray());
				ResultSet rows = statement.executeQuery()) {
			if (!rows.next()) {
				return Answer.HELD;
			}
			String owner = rows.getString(1);
			if (owner == null) {
				return null;
			}
			return attempt.owner().equals(owner) ? Answer.granted(rows.getLong(2)) : Answer.heldFor(rows.getLong(3));
		}
	}

	// Those that come first in a statement which grants.
	private List<Object> ofMemory(Duration lease) {
		List<Object> parameters = new ArrayList<>();
		if (this.memory != null) {
			Collections.addAll(parameters, this.memory.forgettable(lease), this.memory.isAhead(lease));
		}
		return parameters;
	}

	@Override
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		Duration lease = attempts.stream().map(LockAttempt::lease).max(Comparator.naturalOrder()).orElseThrow();
		Map<String, Long> tokens = askForFree(connection, attempts, lease);
		if (this.memory == null) {
			return tokens;
		}
		while (tokens.containsKey(NO_NAME)) {
			this.memory.prepare(connection, lease);
			tokens = askForFree(connection, attempts, lease);
		}
		if (!tokens.isEmpty()) {
			this.memory.granted(lease);
		}
		return tokens;
	}

	private Map<String, Long> askForFree(Connection connection, List<LockAttempt> attempts, Duration lease)
			throws SQLException {
		List<Object> parameters = ofMemory(lease);
		parameters
			.add(connection.createArrayOf("text", attempts.stream().map((attempt) -> attempt.key().name()).toArray()));
		parameters.add(connection.createArrayOf("text", attempts.stream().map(LockAttempt::owner).toArray()));
		parameters.add(connection.createArrayOf("bigint",
				attempts.stream().map((attempt) -> toMicros(attempt.lease())).toArray()));
		Set<String> ours = attempts.stream()
			.map((attempt) -> Identities.of(attempt.hold()))
			.collect(Collectors.toSet());
		ours.add(Identities.of(NO_NAME, NO_NAME));
		return Identities.tokens(connection, this.sql.acquireFree, ours, parameters.toArray());
	}

	@Override
	boolean release(Connection connection, Hold hold) throws SQLException {
		try (PreparedStatement statement = Statements.prepare(connection, this.sql.release, hold.key().name(),
				hold.owner()); ResultSet rows = statement.executeQuery()) {
			return rows.next() && rows.getBoolean(1);
		}
	}

	// However many holds there are, they are two arrays.
	@Override
	int renewedAtOnce() {
		return Integer.MAX_VALUE;
	}

	@Override
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		return Identities.released(connection, this.sql.releaseAll, holds, names(connection, holds),
				owners(connection, holds));
	}

	@Override
	Renewed renew(Connection connection, Collection<Hold> holds, Duration lease) throws SQLException {
		return Renewed.read(holds, connection, this.sql.renew, toMicros(lease), names(connection, holds),
				owners(connection, holds));
	}

	private static Array names(Connection connection, Collection<Hold> holds) throws SQLException {
		return connection.createArrayOf("text", holds.stream().map((hold) -> hold.key().name()).toArray());
	}

	private static Array owners(Connection connection, Collection<Hold> holds) throws SQLException {
		return connection.createArrayOf("text", holds.stream().map(Hold::owner).toArray());
	}

	@Override
	int sweptAtOnce() {
		return 10_000;
	}

	@Override
	String micros(String from, String to) {
		return PostgresStatements.micros(from, to);
	}

	@Override
	String nowPlusMicros() {
		return "clock_timestamp() + ? * interval '1 microsecond'";
	}

	@Override
	boolean isCollision(SQLException ex) {
		// Serialization failure and deadlock.
		return "40001".equals(ex.getSQLState()) || "40P01".equals(ex.getSQLState());
	}

}
