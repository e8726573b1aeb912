package org.dragonflow.samples.northbound.demo;

import org.dragonflow.lock.NbLocked;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/**
 * An application whose lock would be without effect. It must not start.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class FinalMethodApplication {

	/**
	 * Starts the application.
	 * @param args properties
	 */
	public static void main(String[] args) {
		SpringApplication.run(FinalMethodApplication.class, args);
	}

	@NbLocked("#id")
	public final void work(String id) {
	}

}
