package org.dragonflow.lock.benchmarks;

import java.util.UUID;

import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.MariaDbServer;
import org.dragonflow.lock.test.servers.PostgresServer;

/**
 * The databases that are compared. Each runs on this machine, and ends with this JVM.
 */
public enum Store {

	POSTGRESQL("postgresql") {
		@Override
		Database newDatabase() {
			return PostgresServer.startDurable().newDatabase();
		}
	},

	MARIADB("mariadb") {
		@Override
		Database newDatabase() {
			return MariaDbServer.shared().newDatabase();
		}
	},

	H2("h2") {
		@Override
		Database newDatabase() {
			return new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
		}
	};

	private final String platform;

	Store(String platform) {
		this.platform = platform;
	}

	/**
	 * What names the scripts for it.
	 */
	String platform() {
		return this.platform;
	}

	/**
	 * An empty database, on a server that is started when first needed.
	 */
	abstract Database newDatabase();

}
