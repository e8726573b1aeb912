package org.dragonflow.samples.northbound;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts one instance of the service. Any number of them may share one database.
 */
@SpringBootApplication
public class NorthboundApplication {

	/**
	 * Starts the service.
	 * @param args properties, such as {@code --server.port=8081}
	 */
	public static void main(String[] args) {
		SpringApplication.run(NorthboundApplication.class, args);
	}

}
