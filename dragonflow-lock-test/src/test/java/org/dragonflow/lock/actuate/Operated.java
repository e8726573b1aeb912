package org.dragonflow.lock.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.test.servers.RedisServer;

import org.springframework.boot.Banner;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/**
 * One instance of an application that is operated by HTTP.
 */
final class Operated implements AutoCloseable {

	static final String PASSWORD = "tiger-7";

	static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext context;

	Operated(RedisServer server, String... properties) {
		this.context = new SpringApplicationBuilder(Application.class).bannerMode(Banner.Mode.OFF)
			.properties("server.port=0", "spring.data.redis.port=" + server.port(),
					"spring.data.redis.password=" + PASSWORD, "dragonflow.lock.driver=redis",
					"dragonflow.lock.lease=6s", "dragonflow.lock.management.timeout=" + TIMEOUT.toMillis() + "ms",
					"management.endpoints.web.exposure.include=health,locks",
					"management.endpoint.health.show-details=always")
			.properties(properties)
			.run();
	}

	LockEngine lock() {
		return this.context.getBean(LockEngine.class);
	}

	List<LockEvent> events() {
		return this.context.getBean(Application.class).events;
	}

	List<AuditEvent> audited() {
		return this.context.getBean(Application.class).audited;
	}

	Answer get(String path) {
		return send("GET", path);
	}

	/**
	 * Sends a request as a user by the name of "alice".
	 * @param path below {@code /actuator}, encoded
	 */
	Answer send(String method, String path) {
		String port = this.context.getEnvironment().getProperty("local.server.port");
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator" + path))
			.method(method, BodyPublishers.noBody())
			.header("Content-Type", "application/json")
			.header("X-User", "alice")
			.timeout(Duration.ofSeconds(20))
			.build();
		try {
			HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
			return new Answer(response.statusCode(), response.body());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.context.close();
	}

	record Answer(int status, String body) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

		final List<LockEvent> events = new CopyOnWriteArrayList<>();

		final List<AuditEvent> audited = new CopyOnWriteArrayList<>();

		@EventListener
		void hear(LockEvent event) {
			this.events.add(event);
		}

		@EventListener
		void hear(AuditApplicationEvent event) {
			this.audited.add(event.getAuditEvent());
		}

		/**
		 * In place of a login.
		 */
		@Bean
		Filter users() {
			return (request, response, chain) -> chain
				.doFilter(new HttpServletRequestWrapper((HttpServletRequest) request) {

					@Override
					public Principal getUserPrincipal() {
						return () -> getHeader("X-User");
					}

				}, response);
		}

	}

}
