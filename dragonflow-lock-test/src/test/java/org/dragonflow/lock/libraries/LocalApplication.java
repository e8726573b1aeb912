package org.dragonflow.lock.libraries;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.DistributedLock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application that needs no store. It says whether its threads exclude each other.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class LocalApplication {

	public static void main(String[] args) {
		SpringApplication application = new SpringApplicationBuilder(LocalApplication.class)
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "dragonflow.lock.driver=local")
			.build();
		try (ConfigurableApplicationContext context = application.run(args)) {
			DistributedLock lock = context.getBean(DistributedLock.class);
			lock.lock("net-1");
			System.out.println("taken while held: " + takenByAnother(lock));
			lock.unlock("net-1");
			System.out.println("taken when free: " + takenByAnother(lock));
		}
	}

	private static boolean takenByAnother(DistributedLock lock) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return lock.tryLock("net-1", Duration.ZERO);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}).join();
	}

}
