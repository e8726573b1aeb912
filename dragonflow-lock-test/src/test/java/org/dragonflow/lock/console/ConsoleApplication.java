package org.dragonflow.lock.console;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application that has the starter, the actuator and a web server.
 */
@SpringBootConfiguration
@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
class ConsoleApplication {

	static final List<String> CONSOLE = List.of("dragonflow.lock.console.enabled=true",
			"management.endpoints.web.exposure.include=lockconsole");

	static ConfigurableApplicationContext start(WebApplicationType type, List<String> properties) {
		List<String> all = new ArrayList<>(List.of("server.port=0", "server.address=127.0.0.1",
				"spring.application.name=ports", "spring.main.keep-alive=false"));
		all.addAll(properties);
		return new SpringApplicationBuilder(ConsoleApplication.class).web(type)
			.bannerMode(Banner.Mode.OFF)
			.properties(all.toArray(String[]::new))
			.run();
	}

	static URI address(ConfigurableApplicationContext context, String path) {
		return URI
			.create("http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port") + path);
	}

}
