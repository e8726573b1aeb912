package org.dragonflow.lock.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.autoconfigure.DragonflowLockProperties;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/**
 * The application that {@link WorkerJvm} runs in a JVM of its own. It takes one command a
 * line from its input, and answers on its output. A command names the thread that is to
 * do it, because locks belong to threads.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(DragonflowLockProperties.class)
class LockWorker {

	/**
	 * What tells an answer from other output.
	 */
	static final String ANSWER = "@answer ";

	static final String READY = "@ready";

	private static final String ABSENT = "none";

	private final AtomicInteger losses = new AtomicInteger();

	// Not the auto-configured one, to which no thread can be refused.
	@Bean
	LockEngine lockEngine(DragonflowLockProperties properties, LockDriver driver,
			ObjectProvider<LockObserver> observers, RandomMischief mischief, ApplicationEventPublisher events) {
		return new LockEngine(driver, properties.toEngineSettings(EngineSettings.newInstanceName()),
				events::publishEvent, Transactions.NONE, observers.orderedStream().toList(), mischief.threads());
	}

	@Bean
	RandomMischief randomMischief() {
		return new RandomMischief();
	}

	@Bean
	RandomWitness randomWitness() {
		return new RandomWitness();
	}

	@Bean
	RandomLocking randomLocking(LockEngine lock, LockDriver driver, RandomMischief mischief, RandomWitness witness) {
		return new RandomLocking(lock, driver, mischief, witness);
	}

	@EventListener
	void onLoss(LockLostEvent event) {
		this.losses.incrementAndGet();
	}

	public static void main(String[] args) throws IOException {
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		// The application's own output must not come between an answer's characters.
		PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
		ConfigurableApplicationContext context = new SpringApplicationBuilder(LockWorker.class)
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off")
			.run(args);
		Map<String, ExecutorService> threads = new HashMap<>();
		answers.println(READY);
		String line;
		while ((line = commands.readLine()) != null) {
			Command command = Command.parse(line);
			threads.computeIfAbsent(command.thread(), (name) -> Executors.newSingleThreadExecutor())
				.execute(() -> answers.println(ANSWER + command.answer(context)));
		}
		// Whoever gave the commands is gone, and no lock is worth waiting for any more.
		Runtime.getRuntime().halt(0);
	}

	static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	static String decode(String text) {
		return URLDecoder.decode(text, StandardCharsets.UTF_8);
	}

	private record Command(String number, String thread, String verb, String objectId) {

		static Command parse(String line) {
			String[] parts = line.split(" ", 4);
			return new Command(parts[0], parts[1], parts[2], decode(parts[3]));
		}

		String answer(ConfigurableApplicationContext context) {
			try {
				return this.number + " ok " + encode(run(context));
			}
			catch (Exception | AssertionError ex) {
				return this.number + " " + ex.getClass().getSimpleName() + " "
						+ encode(String.valueOf(ex.getMessage()));
			}
		}

		private String run(ConfigurableApplicationContext context) throws Exception {
			DistributedLock lock = context.getBean(DistributedLock.class);
			LockHandle held = lock.held(this.objectId);
			switch (this.verb) {
				case "lock" -> lock.lock(this.objectId);
				case "unlock" -> lock.unlock(this.objectId);
				case "try" -> {
					return String.valueOf(lock.tryLock(this.objectId, Duration.ZERO));
				}
				case "contend" -> {
					return String.valueOf(Contention.cycles(lock, this.objectId));
				}
				case "isHeld" -> {
					return String.valueOf(held != null && held.isHeld());
				}
				case "token" -> {
					return (held != null) ? String.valueOf(held.fencingToken()) : ABSENT;
				}
				case "nanoTime" -> {
					return String.valueOf(System.nanoTime());
				}
				case "random" -> {
					return context.getBean(RandomLocking.class).run(this.objectId);
				}
				case "look" -> {
					return String.valueOf(context.getBean(RandomLocking.class).look(this.objectId));
				}
				case "losses" -> {
					return String.valueOf(context.getBean(LockWorker.class).losses);
				}
				default -> throw new IllegalArgumentException("There is no command '" + this.verb + "'");
			}
			return "";
		}

	}

}
