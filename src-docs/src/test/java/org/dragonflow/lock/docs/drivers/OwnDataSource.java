package org.dragonflow.lock.docs.drivers;

import javax.sql.DataSource;

import org.dragonflow.lock.jdbc.LockDataSource;

import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * An application whose locks are in a database of their own.
 */
@Configuration(proxyBeanMethods = false)
class OwnDataSource {

	// tag::data-source[]
	@Bean(defaultCandidate = false)
	@LockDataSource
	DataSource lockDataSource() {
		return DataSourceBuilder.create().url("jdbc:h2:mem:locks;DB_CLOSE_DELAY=-1").build();
	}
	// end::data-source[]

}
