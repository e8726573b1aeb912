package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.samples.mistakes.FinalMethodApplication;
import org.dragonflow.samples.northbound.NorthboundApplication;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The service, processed ahead of time for each driver, and run from what that has
 * generated. Another instance, which was not, shares the store with it.
 */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AotTests {

	private static final String DRIVER = "--dragonflow.lock.driver=";

	private static final String OWN_DATABASE = "--spring.datasource.url=jdbc:h2:mem:own";

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final Map<String, Instance> instances = new TreeMap<>();

	private final List<AutoCloseable> opened = new ArrayList<>();

	private final Path directory;

	AotTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@BeforeAll
	void processAndStart() throws Exception {
		// While one JVM starts, the next is made ready.
		for (String driver : List.of("local", "jdbc", "redis", "etcd", "zookeeper")) {
			DemoStore store = opened(DemoStore.of(driver, this.directory));
			List<String> properties = new ArrayList<>(store.properties());
			properties.add(DRIVER + driver);
			properties.add(driver.equals("jdbc") ? sharedDatabase() : OWN_DATABASE);
			AheadOfTime processed = AheadOfTime.process(NorthboundApplication.class, this.directory.resolve(driver),
					DRIVER + driver);
			NorthboundProcess process = opened(
					processed.start(driver, this.directory, NorthboundProcessMain.class, properties));
			this.instances.put(driver, new Instance(processed, process, properties));
		}
	}

	@AfterAll
	void stop() throws Exception {
		this.instances.values().forEach((instance) -> instance.process().stop());
		for (int i = this.opened.size() - 1; i >= 0; i--) {
			this.opened.get(i).close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis", "etcd", "zookeeper" })
	void aLockOfTheOneInstanceExcludesTheOther(String driver) throws Exception {
		Instance instance = instance(driver);
		Northbound processed = ready(driver);
		processed.post("/networks", "{\"id\": \"net\", \"projectId\": \"p\", \"name\": \"n\"}");
		try (ConfigurableApplicationContext context = otherInstance(instance.properties())) {
			DistributedLock other = context.getBean(DistributedLock.class);
			processed.post("/networks/net/maintenance", "");
			assertThat(other.tryLock("net", Duration.ZERO)).as("A lock that the processed instance holds").isFalse();
			processed.delete("/networks/net/maintenance");
			assertThat(other.tryLock("net", Duration.ofSeconds(10))).as("A lock that it has released").isTrue();
			assertLocked(processed);
			other.unlock("net");
			assertThat(processed.post("/networks/net/rebuild", "").get("revision").asInt())
				.as("The changes by annotated methods")
				.isOne();
		}
	}

	@Test
	void theLocksOfTheJvmExcludeItsOwnCallers() throws Exception {
		Northbound processed = ready("local");
		processed.post("/networks", "{\"id\": \"net\", \"projectId\": \"p\", \"name\": \"n\"}");
		processed.post("/networks/net/maintenance", "");
		assertLocked(processed);
		processed.delete("/networks/net/maintenance");
		assertThat(processed.post("/networks/net/rebuild", "").get("revision").asInt())
			.as("The changes by annotated methods")
			.isOne();
	}

	@Test
	void anotherDriverThanTheOneThatItWasProcessedForFailsTheStart() throws Exception {
		NorthboundProcess process = opened(instance("local").processed()
			.start("another-driver", this.directory, NorthboundProcessMain.class,
					List.of(DRIVER + "etcd", OWN_DATABASE)));
		assertThatExceptionOfType(IOException.class).isThrownBy(process::awaitReady)
			.withMessageContaining("APPLICATION FAILED TO START")
			.withMessageContaining("The application was processed ahead of time for 'dragonflow.lock.driver=local',"
					+ " and is started with 'dragonflow.lock.driver=etcd'");
	}

	@Test
	void aWrongUseOfTheAnnotationFailsTheStart() throws Exception {
		List<String> properties = List.of(DRIVER + "local", OWN_DATABASE, "--spring.main.web-application-type=none");
		AheadOfTime processed = AheadOfTime.process(FinalMethodApplication.class, this.directory.resolve("wrong"),
				properties.toArray(String[]::new));
		NorthboundProcess process = opened(
				processed.start("wrong", this.directory, FinalMethodApplication.class, properties));
		assertThatExceptionOfType(IOException.class).isThrownBy(process::awaitReady)
			.withMessageContaining("APPLICATION FAILED TO START")
			.withMessageContaining("FinalMethodApplication.work(String) cannot work, because the method is final");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis" })
	void aNativeImageWouldHaveTheScripts(String driver) throws Exception {
		String scripts = driver.equals("jdbc") ? "org/dragonflow/lock/jdbc/schema-*.sql"
				: "org/dragonflow/lock/redis/*.lua";
		try (Stream<Path> files = Files.walk(instance(driver).processed().resources())) {
			Path hints = files.filter((file) -> file.endsWith("reachability-metadata.json")).findFirst().orElseThrow();
			assertThat(hints).content()
				.as("What is kept for the driver, and for the expressions of the service")
				.contains(scripts.replace("/", "\\/"), "org.dragonflow.lock.aop.InvocationRoot",
						"org.dragonflow.lock.autoconfigure.DragonflowLockProperties",
						"org.dragonflow.samples.northbound.network.NetworkRequest");
		}
	}

	private Northbound ready(String driver) throws Exception {
		Northbound northbound = new Northbound(this.client, instance(driver).process().awaitReady());
		assertThat(this.directory.resolve(driver + ".log")).content()
			.as("How it was started")
			.contains("Starting AOT-processed NorthboundApplication");
		return northbound;
	}

	private static void assertLocked(Northbound northbound) {
		assertThatExceptionOfType(IOException.class).as("A call of a method that does not wait for the lock")
			.isThrownBy(() -> northbound.post("/networks/net/rebuild", ""))
			.withMessageContaining("423");
	}

	private Instance instance(String driver) {
		Instance instance = this.instances.get(driver);
		assertThat(instance).as("The instance for " + driver).isNotNull();
		return instance;
	}

	private static ConfigurableApplicationContext otherInstance(List<String> properties) {
		return new SpringApplicationBuilder(NorthboundApplication.class).web(WebApplicationType.NONE)
			.run(properties.toArray(String[]::new));
	}

	private String sharedDatabase() throws Exception {
		Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		this.opened.add(server::stop);
		return "--spring.datasource.url=jdbc:h2:tcp://localhost:" + server.getPort() + "/mem:" + UUID.randomUUID()
				+ ";DB_CLOSE_DELAY=-1";
	}

	private <T extends AutoCloseable> T opened(T opened) {
		this.opened.add(opened);
		return opened;
	}

	/**
	 * A process of the service.
	 *
	 * @param processed what it was started from
	 * @param process the process
	 * @param properties those that it was started with
	 */
	private record Instance(AheadOfTime processed, NorthboundProcess process, List<String> properties) {
	}

}
