package org.dragonflow.lock.autoconfigure;

import javax.sql.DataSource;

import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.jdbc.LockDataSource;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.init.DatabaseInitializationProperties;
import org.springframework.boot.sql.autoconfigure.init.OnDatabaseInitializationCondition;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration for {@code dragonflow.lock.driver=jdbc}: locks in the application's
 * database, or in that of a {@link LockDataSource}.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class, after = DataSourceAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "jdbc")
@ConditionalOnClass({ DataSource.class, DatabaseInitializationProperties.class })
@ConditionalOnMissingBean(LockDriver.class)
@Conditional(JdbcLockAutoConfiguration.OnDataSourceCondition.class)
@EnableConfigurationProperties(JdbcLockProperties.class)
@ImportRuntimeHints(LockRuntimeHints.Jdbc.class)
public final class JdbcLockAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	@Conditional(OnJdbcLockInitializationCondition.class)
	JdbcLockSchemaInitializer jdbcLockSchemaInitializer(ObjectProvider<DataSource> dataSource,
			@LockDataSource ObjectProvider<DataSource> lockDataSource, JdbcLockProperties properties) {
		DataSource own = lockDataSource.getIfAvailable();
		DataSource chosen = (own != null) ? own : dataSource.getObject();
		JdbcLockDriver.check(chosen);
		return JdbcLockSchemaInitializer.of(chosen, properties);
	}

	@Bean
	@DependsOnDatabaseInitialization
	JdbcLockDriver jdbcLockDriver(ObjectProvider<DataSource> dataSource,
			@LockDataSource ObjectProvider<DataSource> lockDataSource, JdbcLockProperties properties) {
		@Nullable DataSource own = lockDataSource.getIfAvailable();
		return (own != null) ? new JdbcLockDriver(own, properties.toSettings())
				: JdbcLockDriver.beside(dataSource.getObject(), properties.toSettings(), properties.getConnections());
	}

	static class OnJdbcLockInitializationCondition extends OnDatabaseInitializationCondition {

		OnJdbcLockInitializationCondition() {
			super("Dragonflow lock", "dragonflow.lock.jdbc.initialize-schema");
		}

	}

	/**
	 * A DataSource that is there for locks, or the one that is there for everything.
	 */
	static class OnDataSourceCondition extends AnyNestedCondition {

		OnDataSourceCondition() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnSingleCandidate(DataSource.class)
		static class Single {

		}

		@ConditionalOnBean(annotation = LockDataSource.class)
		static class Marked {

		}

	}

}
