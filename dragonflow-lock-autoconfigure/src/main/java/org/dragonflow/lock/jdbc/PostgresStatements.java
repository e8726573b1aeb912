package org.dragonflow.lock.jdbc;

/**
 * What is said to PostgreSQL.
 */
final class PostgresStatements {

	final String durable;

	final String take;

	final String acquire;

	final String acquireFree;

	final String peek;

	final String release;

	final String releaseAll;

	final String renew;

	/**
	 * Statements.
	 * @param remembers whether those that grant have parameters besides, and one more
	 * answer
	 */
	PostgresStatements(JdbcLockSettings settings, String channel, boolean remembers) {
		String table = settings.table();
		// A failed attempt writes only where it has to set the flag. Its last part sees
		// the table as it was when the statement began, and so may find no row at all, or
		// one of our own from before another took it over: that one is no answer.
		// A wait for what a foreign transaction has locked ends at the server no later
		// than at the client, so that no statements pile up there. And a grant is on disk
		// before it is told, and so is a renewal, also where the server is not set to do
		// that by itself: one that is forgotten in a crash would make two holders.
		String patience = "set_config('lock_timeout', '" + Math.max(1, settings.timeout().toMillis() * 9 / 10)
				+ "', true)";
		String onDisk = "WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END";
		this.durable = patience + ", CASE " + onDisk;
		// Where the server tells what a crash has made it forget, it need not be.
		String commit = remembers
				? patience + ", CASE WHEN ? THEN set_config('synchronous_commit', 'off', true) " + onDisk
				: this.durable;
		String memory = remembers ? "memory AS MATERIALIZED (" + PostgresMemory.sound(settings) + ")," : "";
		String fromMemory = remembers ? "FROM memory" : "";
		String withMemory = remembers ? ", memory" : "";
		String free = "(held.released_at IS NOT NULL OR held.owner = excluded.owner OR held.expires_at <= excluded.acquired_at)";
		// Whoever waits for a hold that has expired was told of nothing, and relies on
		// the flag; whoever waited for one that was released comes back and sets it anew.
		String takeOver = """
				ON CONFLICT (lock_key) DO UPDATE SET owner = excluded.owner,
					token = GREATEST(held.token + 1, excluded.token), acquired_at = excluded.acquired_at,
					expires_at = excluded.expires_at, released_at = NULL, revoked = 0,
					waiting = held.waiting AND held.released_at IS NULL
				WHERE %s
				""".formatted(free);
		String clock = "(extract(epoch FROM now) * 1000000)::bigint";
		// The first attempt mostly finds the lock free, and is spared what only concerns
		// waiting: that is a quarter of the server's work for a cycle. What another holds
		// when the statement begins is left alone, for it would be locked for nothing.
		this.take = """
				WITH %3$s attempt AS MATERIALIZED (SELECT %2$s, clock_timestamp() AS now %4$s
						WHERE NOT EXISTS (SELECT FROM %1$s
							WHERE lock_key = ? AND owner <> ? AND released_at IS NULL AND expires_at > clock_timestamp()))
				"""
			.formatted(table, commit, memory, fromMemory) + granting(remembers, """
					INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
					SELECT ?, ?, %3$s, now, now + ? * interval '1 microsecond', false FROM attempt
					%2$s RETURNING token
					""".formatted(table, takeOver, clock), "token", "NULL");
		this.acquire = """
				WITH wanted (lock_key, owner, lease, waits, had_to_wait) AS (VALUES (?, ?, ?, ?, ?)),
				%6$s attempt AS MATERIALIZED (SELECT wanted.*, %4$s, clock_timestamp() AS now FROM wanted%7$s),
				changed AS (
					INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
					SELECT lock_key, owner, %5$s, now, now + lease * interval '1 microsecond', had_to_wait
					FROM attempt
					ON CONFLICT (lock_key) DO UPDATE SET
						owner = CASE WHEN %3$s THEN excluded.owner ELSE held.owner END,
						token = CASE WHEN %3$s THEN GREATEST(held.token + 1, excluded.token) ELSE held.token END,
						acquired_at = CASE WHEN %3$s THEN excluded.acquired_at ELSE held.acquired_at END,
						expires_at = CASE WHEN %3$s THEN excluded.expires_at ELSE held.expires_at END,
						released_at = NULL,
						revoked = CASE WHEN %3$s THEN 0 ELSE held.revoked END,
						waiting = CASE WHEN %3$s
							THEN excluded.waiting OR (held.waiting AND held.released_at IS NULL) ELSE true END
					WHERE %3$s OR (NOT held.waiting AND (SELECT waits FROM wanted))
					RETURNING owner, token, expires_at)
				%8$s SELECT owner, token, %2$s FROM changed
				UNION ALL
				SELECT owner, token, %2$s FROM %1$s
				WHERE lock_key = (SELECT lock_key FROM wanted) AND owner <> (SELECT owner FROM wanted)
				AND released_at IS NULL AND NOT EXISTS (SELECT FROM changed)
				""".formatted(table, micros("clock_timestamp()", "expires_at"), free, commit, clock, memory, withMemory,
				remembers ? "SELECT NULL, NULL, NULL WHERE NOT EXISTS (SELECT FROM memory) UNION ALL" : "");
		// The rows are locked in the order of their keys, so that two such statements do
		// not wait for each other.
		this.acquireFree = """
				WITH %3$s setting AS MATERIALIZED (SELECT %2$s %4$s),
				attempt AS MATERIALIZED (
					SELECT lock_key, owner, lease, clock_timestamp() AS now
					FROM setting, unnest(?::text[], ?::text[], ?::bigint[]) AS attempt (lock_key, owner, lease)
					WHERE NOT EXISTS (SELECT FROM %1$s AS held WHERE held.lock_key = attempt.lock_key
						AND held.owner <> attempt.owner AND held.released_at IS NULL
						AND held.expires_at > clock_timestamp()))
				""".formatted(table, commit, memory, fromMemory) + granting(remembers, """
				INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
				SELECT lock_key, owner, %3$s, now, now + lease * interval '1 microsecond', false
				FROM (SELECT * FROM attempt ORDER BY lock_key) AS ordered
				%2$s RETURNING lock_key, token, owner
				""".formatted(table, takeOver, clock), "lock_key, token, owner", "'', 0, ''");
		this.peek = "SELECT " + micros("clock_timestamp()", "expires_at") + " FROM " + table
				+ " WHERE lock_key = ? AND owner <> ? AND waiting AND released_at IS NULL"
				+ " AND expires_at > clock_timestamp()";
		// Losing a release in a crash only means that the lease runs out, so it need not
		// wait for the disk. The setting ends with the statement's transaction.
		String release = "UPDATE " + table + " AS held SET released_at = clock_timestamp()";
		String told = "held.expires_at > held.released_at, CASE WHEN held.waiting THEN pg_notify('" + channel
				+ "', held.lock_key) END";
		this.release = """
				WITH setting AS MATERIALIZED (SELECT %3$s, set_config('synchronous_commit', 'off', true))
				%1$s FROM setting WHERE lock_key = ? AND owner = ? AND released_at IS NULL RETURNING %2$s
				""".formatted(release, told, patience);
		// The rows are locked in the order of their keys, and then released.
		this.releaseAll = """
				WITH setting AS MATERIALIZED (SELECT %3$s, set_config('synchronous_commit', 'off', true)),
				hold AS (SELECT * FROM unnest(?::text[], ?::text[]) AS hold (name, holder)),
				ours AS MATERIALIZED (
					SELECT held.lock_key, held.owner FROM setting, hold JOIN %4$s AS held
						ON held.lock_key = hold.name AND held.owner = hold.holder AND held.released_at IS NULL
					ORDER BY held.lock_key FOR UPDATE OF held)
				%1$s FROM ours WHERE held.lock_key = ours.lock_key AND held.owner = ours.owner
				RETURNING held.lock_key, held.owner, %2$s
				""".formatted(release, told, patience, table);
		this.renew = """
				WITH setting AS MATERIALIZED (SELECT %2$s)
				UPDATE %1$s SET expires_at = clock_timestamp() + ? * interval '1 microsecond'
				FROM setting, unnest(?::text[], ?::text[]) AS hold (name, holder)
				WHERE lock_key = hold.name AND owner = hold.holder AND released_at IS NULL
					AND expires_at > clock_timestamp()
				RETURNING lock_key || ' ' || owner, revoked
				""".formatted(table, this.durable);
	}

	// Besides what is granted, whether nothing is because something may be forgotten.
	private static String granting(boolean remembers, String insert, String columns, String forgotten) {
		return remembers ? ", granted AS (" + insert + ") SELECT " + columns + " FROM granted UNION ALL SELECT "
				+ forgotten + " WHERE NOT EXISTS (SELECT FROM memory)" : insert;
	}

	static String micros(String from, String to) {
		return "(extract(epoch FROM " + to + " - " + from + ") * 1000000)::bigint";
	}

}
