package org.dragonflow.lock.starter;

import java.util.Map;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.NbLocked;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.support.locks.LockRegistry;

/**
 * An application that has nothing but the starter. It tells what it has found, line by
 * line.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class StarterApplication {

	public static void main(String[] args) {
		SpringApplication application = new SpringApplication(StarterApplication.class);
		application.setDefaultProperties(Map.of("dragonflow.lock.driver", "local", "spring.main.banner-mode", "off",
				"logging.level.root", "warn"));
		try (ConfigurableApplicationContext context = application.run(args)) {
			DistributedLock lock = context.getBean(DistributedLock.class);
			System.out.println("held in the method: " + context.getBean(Service.class).isHeld("net-1", lock));
			System.out.println("held after it: " + (lock.held("net-1") != null));
			System.out.println("registries: " + context.getBeansOfType(LockRegistry.class).size());
		}
	}

	@Bean
	Service service() {
		return new Service();
	}

	static class Service {

		@NbLocked("#id")
		public boolean isHeld(String id, DistributedLock lock) {
			LockHandle held = lock.held(id);
			return held != null && held.isHeld();
		}

	}

}
