package org.dragonflow.lock.integration;

import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.test.servers.Database;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Instances of one application, each with an engine and connections of its own, on one
 * database.
 */
final class Applications implements AutoCloseable {

	private final List<ConfigurableApplicationContext> started = new ArrayList<>();

	private final Class<?> configuration;

	private final Database database;

	Applications(Class<?> configuration, Database database) {
		this.configuration = configuration;
		this.database = database;
	}

	ConfigurableApplicationContext start(String... properties) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(this.configuration)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties("spring.datasource.url=" + this.database.jdbcUrl(),
					"spring.datasource.username=" + this.database.username(),
					"spring.datasource.password=" + this.database.password(), "dragonflow.lock.driver=jdbc",
					"dragonflow.lock.jdbc.initialize-schema=always")
			.properties(properties)
			.run();
		this.started.add(context);
		return context;
	}

	@Override
	public void close() {
		this.started.forEach(ConfigurableApplicationContext::close);
	}

}
