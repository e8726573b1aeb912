package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.awaitility.Awaitility;
import org.dragonflow.lock.test.ProcessPause;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Two processes of the service. One is paused for longer than its lease after it has read
 * a network, and before it writes what it made of that.
 */
@Timeout(240)
class FencingTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final String ALLOCATIONS_OF_THE_SUCCESSOR = "{\"10.0.0.2\":\"successor\"}";

	private final ExecutorService callers = Executors.newCachedThreadPool();

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final String name = UUID.randomUUID().toString();

	private final List<NorthboundProcess> processes = new ArrayList<>();

	private final Path directory;

	private final Path late;

	private final Path successor;

	private final Server server;

	private final Connection keptOpen;

	FencingTests(@TempDir Path directory) throws Exception {
		this.directory = directory;
		this.late = Files.createDirectory(directory.resolve("late"));
		this.successor = Files.createDirectory(directory.resolve("successor"));
		this.server = Server.createTcpServer("-tcpPort", "0").start();
		this.keptOpen = DriverManager.getConnection("jdbc:h2:mem:" + this.name, "sa", "");
	}

	@BeforeEach
	void start() throws Exception {
		// Both at once: a JVM takes its time to start.
		start(this.late);
		start(this.successor);
	}

	@AfterEach
	void stop() throws Exception {
		this.processes.forEach(NorthboundProcess::close);
		this.callers.shutdownNow();
		this.keptOpen.close();
		this.server.stop();
	}

	@Test
	void aLateWriteIsRefusedAndTheSuccessorsIsKept() throws Exception {
		Northbound successor = northbound(1);
		Future<?> lateCall = callAndPause();
		StallingNorthbound.goOn(this.successor);
		successor.post("/networks/net/ports", "{\"id\": \"successor\", \"name\": \"x\"}");
		resume();
		assertRefused(lateCall);
		assertOnlyTheSuccessorsChange(successor);
	}

	@Test
	void aLateWriteIsRefusedAlsoWhileTheSuccessorHasOnlyRead() throws Exception {
		Northbound successor = northbound(1);
		Future<?> lateCall = callAndPause();
		Future<?> successorsCall = create(successor, "successor");
		awaitStall(this.successor);
		resume();
		assertRefused(lateCall);
		StallingNorthbound.goOn(this.successor);
		assertThat(successorsCall).as("The successor's call").succeedsWithin(PATIENCE);
		assertOnlyTheSuccessorsChange(successor);
	}

	private void start(Path stall) throws IOException {
		this.processes.add(NorthboundProcess.start(stall.getFileName().toString(), this.directory,
				List.of(StallingNorthbound.class.getName()),
				List.of("--spring.datasource.url=jdbc:h2:tcp://localhost:" + this.server.getPort() + "/mem:" + this.name
						+ ";LOCK_TIMEOUT=20000", "--dragonflow.lock.lease=2s", "--dragonflow.lock.wait=50s",
						"--" + StallingNorthbound.DIRECTORY + "=" + stall)));
	}

	private Northbound northbound(int process) throws Exception {
		return new Northbound(this.client, this.processes.get(process).awaitReady());
	}

	/**
	 * Has the first process take a port's address of a network, and pauses it when it is
	 * about to write that down.
	 */
	private Future<?> callAndPause() throws Exception {
		Northbound late = northbound(0);
		try (Connection database = DriverManager.getConnection("jdbc:h2:mem:" + this.name, "sa", "")) {
			// Not over HTTP, where the service would stall.
			database.createStatement()
				.execute("insert into networks (id, project_id, name, revision, allocations, fence) "
						+ "values ('net', 'p', 'n', 0, '{}', 0)");
			database.createStatement()
				.execute("insert into subnets (id, network_id, cidr) values ('sub', 'net', '10.0.0.0/24')");
		}
		Future<?> call = create(late, "late");
		awaitStall(this.late);
		ProcessPause.pause(this.processes.get(0).process());
		assertThat(call).as("The call at a paused process").isNotDone();
		return call;
	}

	private Future<?> create(Northbound northbound, String port) {
		return this.callers
			.submit(() -> northbound.post("/networks/net/ports", "{\"id\": \"%s\", \"name\": \"x\"}".formatted(port)));
	}

	private static void awaitStall(Path stall) {
		Awaitility.await("The service is about to write")
			.atMost(PATIENCE)
			.until(() -> StallingNorthbound.isStalled(stall));
	}

	private void resume() throws Exception {
		StallingNorthbound.goOn(this.late);
		ProcessPause.resume(this.processes.get(0).process());
	}

	private static void assertRefused(Future<?> lateCall) {
		assertThat(lateCall).as("The late writer's call")
			.failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.withMessageContaining("409")
			.withMessageContaining("\"title\":\"Too Late\"")
			.withMessageContaining("Nothing was changed: the lock on 'net' was lost");
	}

	private static void assertOnlyTheSuccessorsChange(Northbound northbound) throws Exception {
		assertThat(northbound.get("/networks/net").get("allocations").toString()).as("The addresses in use")
			.isEqualTo(ALLOCATIONS_OF_THE_SUCCESSOR);
		assertThat(northbound.get("/networks/net").get("revision").asInt()).as("How many changes there were").isOne();
		assertThat(northbound.get("/networks/net/ports").size()).as("How many ports there are").isOne();
		assertThatExceptionOfType(IOException.class).as("A look for the late writer's port")
			.isThrownBy(() -> northbound.get("/networks/net/ports/late"))
			.withMessageContaining("404");
	}

}
