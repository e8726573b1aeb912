package org.dragonflow.lock.test;

import java.util.UUID;

import javax.sql.DataSource;

import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;

import org.springframework.core.io.ClassPathResource;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.util.UUIDConverter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * The cases that apply, on Spring Integration's registry for relational databases.
 */
class JdbcLockRegistryContractTests extends LockRegistryContract {

	private static final DataSource DATABASE = database();

	private static DataSource database() {
		DataSource dataSource = new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "")
			.dataSource();
		new ResourceDatabasePopulator(new ClassPathResource("org/springframework/integration/jdbc/schema-h2.sql"))
			.execute(dataSource);
		return dataSource;
	}

	@Override
	protected LockDriver newDriver() {
		DefaultLockRepository repository = new DefaultLockRepository(DATABASE);
		repository.setTransactionManager(new DataSourceTransactionManager(DATABASE));
		repository.afterPropertiesSet();
		repository.afterSingletonsInstantiated();
		JdbcLockRegistry registry = new JdbcLockRegistry(repository);
		// The number of local locks, which keys share.
		registry.setCacheCapacity(65_535);
		return new RegistryLockDriver(registry);
	}

	/**
	 * As the repository's own {@code deleteExpired()} does it.
	 */
	@Override
	protected void endLease(LockKey key) {
		new JdbcTemplate(DATABASE).update("DELETE FROM INT_LOCK WHERE LOCK_KEY = ?",
				UUIDConverter.getUUID(key.name()).toString());
	}

}
