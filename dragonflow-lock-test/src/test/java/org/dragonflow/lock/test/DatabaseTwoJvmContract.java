package org.dragonflow.lock.test;

import java.util.Map;

import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.DatabaseServer;

/**
 * The cases for two JVMs on the jdbc driver, which start on an empty database.
 */
abstract class DatabaseTwoJvmContract extends TwoJvmContract {

	private final Database database;

	DatabaseTwoJvmContract(DatabaseServer server) {
		this(server.newDatabase());
	}

	DatabaseTwoJvmContract(Database database) {
		this.database = database;
	}

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "jdbc", "dragonflow.lock.jdbc.initialize-schema", "always",
				"spring.datasource.url", this.database.jdbcUrl(), "spring.datasource.username",
				this.database.username(), "spring.datasource.password", this.database.password(),
				"spring.datasource.hikari.maximum-pool-size", "2");
	}

}
