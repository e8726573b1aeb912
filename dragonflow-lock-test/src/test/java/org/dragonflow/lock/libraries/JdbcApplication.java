package org.dragonflow.lock.libraries;

import java.time.Duration;

import javax.sql.DataSource;

import org.dragonflow.lock.DistributedLock;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * An application that locks by its database, without a pool. It runs twice, and says
 * whether the two exclude each other.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class JdbcApplication {

	public static void main(String[] args) throws InterruptedException {
		SpringApplication application = new SpringApplicationBuilder(JdbcApplication.class).web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "dragonflow.lock.driver=jdbc",
					"dragonflow.lock.jdbc.initialize-schema=always")
			.build();
		try (ConfigurableApplicationContext one = application.run(args);
				ConfigurableApplicationContext two = application.run(args)) {
			one.getBean(DistributedLock.class).lock("net-1");
			DistributedLock other = two.getBean(DistributedLock.class);
			System.out.println("taken while held: " + other.tryLock("net-1", Duration.ZERO));
			one.getBean(DistributedLock.class).unlock("net-1");
			System.out.println("taken when free: " + other.tryLock("net-1", Duration.ofSeconds(30)));
		}
	}

	@Bean
	DataSource dataSource(@Value("${url}") String url) {
		return new DriverManagerDataSource(url, "sa", "");
	}

}
