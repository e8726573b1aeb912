package org.dragonflow.samples.mistakes;

import org.dragonflow.lock.NbLocked;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/**
 * An application whose lock would be without effect: it must not start. It is kept away
 * from the components of the service.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class FinalMethodApplication {

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
