package org.dragonflow.lock.faults;

import org.dragonflow.lock.test.servers.PostgresServer;

/**
 * Faults of PostgreSQL.
 */
class PostgresFaultTests extends CrashCases {

	PostgresFaultTests() {
		super(new FaultyDatabase(PostgresServer.start(), "schema-postgresql.sql"));
	}

}
