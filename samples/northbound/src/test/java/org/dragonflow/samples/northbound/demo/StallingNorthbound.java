package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.dragonflow.samples.northbound.NorthboundApplication;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The service, which stalls at one place: when it has read a network and is about to
 * write it. It says so by a file, and goes on when there is another.
 */
final class StallingNorthbound implements BeanPostProcessor {

	/**
	 * The property that names the directory of both files.
	 */
	static final String DIRECTORY = "stall.directory";

	private final Path directory;

	StallingNorthbound(Environment environment) {
		this.directory = Path.of(environment.getRequiredProperty(DIRECTORY));
	}

	/**
	 * Starts the service.
	 * @param args the file to write the port to, then properties
	 * @throws IOException if the port cannot be written
	 */
	public static void main(String[] args) throws IOException {
		NorthboundProcessMain.run(args, NorthboundApplication.class, StallingNorthbound.class);
	}

	static boolean isStalled(Path directory) {
		return Files.exists(directory.resolve("stalled"));
	}

	static void goOn(Path directory) throws IOException {
		Files.createFile(directory.resolve("go-on"));
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof JdbcClient client) {
			return (JdbcClient) (sql) -> {
				if (sql.startsWith("update networks set name")) {
					stall();
				}
				return client.sql(sql);
			};
		}
		return bean;
	}

	private void stall() {
		try {
			Files.createFile(this.directory.resolve("stalled"));
			while (!Files.exists(this.directory.resolve("go-on"))) {
				Thread.sleep(20);
			}
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException("Cannot stall", ex);
		}
	}

}
