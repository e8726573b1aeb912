package org.dragonflow.lock.faults;

import org.dragonflow.lock.test.servers.MariaDbServer;

/**
 * Faults of MariaDB.
 */
class MariaDbFaultTests extends CrashCases {

	MariaDbFaultTests() {
		super(new FaultyDatabase(MariaDbServer.start(), "schema-mariadb.sql"));
	}

}
