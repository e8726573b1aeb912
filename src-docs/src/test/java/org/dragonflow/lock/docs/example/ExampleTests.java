package org.dragonflow.lock.docs.example;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.test.AutoConfigureTestLock;
import org.dragonflow.lock.test.FakeLockDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

/**
 * What the pages show does what they say.
 */
@SpringBootTest
@AutoConfigureTestLock
@Timeout(60)
class ExampleTests {

	private final JdbcClient jdbc;

	private final FakeLockDriver driver;

	private final DistributedLock lock;

	@Autowired
	ExampleTests(JdbcClient jdbc, FakeLockDriver driver, DistributedLock lock) {
		this.jdbc = jdbc;
		this.driver = driver;
		this.lock = lock;
	}

	@BeforeEach
	void createNetworks() {
		this.jdbc.sql("delete from ports").update();
		this.jdbc.sql("delete from networks").update();
		this.jdbc.sql("insert into networks values ('net-1', 'one', 1, 0), ('net-2', 'two', 1, 0)").update();
	}

	@Test
	void noAddressIsGivenTwice(@Autowired PortService ports) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<CompletableFuture<Port>> created = IntStream.range(0, 80)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> ports.createPort("net-" + (1 + i % 2)), threads))
				.toList();
			List<Port> all = created.stream().map(CompletableFuture::join).toList();
			assertThat(all).doesNotHaveDuplicates().hasSize(80);
			assertThat(ports.countPorts("net-1")).isEqualTo(40);
		}
		finally {
			threads.shutdownNow();
			threads.awaitTermination(10, TimeUnit.SECONDS);
		}
	}

	@Test
	void bothNetworksAreLockedToMoveAPort(@Autowired PortService ports) {
		Port port = ports.createPort("net-1");
		this.driver.holdElsewhere("net-2");
		CompletableFuture<Void> move = CompletableFuture
			.runAsync(() -> ports.movePort("net-1", "net-2", port.address()));
		await().during(Duration.ofMillis(200)).until(() -> !move.isDone());
		this.driver.releaseElsewhere("net-2");
		move.join();
		assertThat(ports.countPorts("net-2")).isOne();
	}

	@Test
	void aHandleHoldsWhileTheWorkRuns(@Autowired Switches switches) throws Exception {
		RecordedWork work = new RecordedWork(() -> assertThat(this.driver).isHeld("net-1"));
		switches.program("net-1", work);
		assertThat(work.token).isPositive();
		assertThat(this.driver).isFree("net-1");
	}

	@Test
	void theWorkStopsWhenTheLockIsLost(@Autowired Switches switches, @Autowired LockLog log) {
		RecordedWork work = new RecordedWork(() -> this.driver.expire("net-1"));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> switches.program("net-1", work));
		await().untilAsserted(() -> assertThat(work.stopped.getCount()).isZero());
		await().untilAsserted(() -> assertThat(log.lines).anyMatch((line) -> line.startsWith("Lost net-1")));
	}

	@Test
	void aHolderThatIsAskedStops(@Autowired Switches switches, @Autowired LockLog log) throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		RecordedWork slow = new RecordedWork(running::countDown) {

			@Override
			public void run(long fencingToken) {
				super.run(fencingToken);
				await().until(() -> this.stopped.getCount() == 0);
			}

		};
		CompletableFuture<Void> holder = CompletableFuture.runAsync(() -> {
			try {
				switches.programSlowly("net-1", slow);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		running.await();
		RecordedWork urgent = new RecordedWork(() -> {
		});
		switches.programNow("net-1", urgent);
		assertThat(urgent.token).isGreaterThan(slow.token);
		holder.join();
		await().untilAsserted(() -> assertThat(log.lines).contains("Somebody waits for net-1"));
	}

	@Test
	void aLockWhoseThreadHasEndedIsLostAndReleased(@Autowired LockLog log) throws Exception {
		Thread forgetful = new Thread(() -> this.lock.lock(LockRequest.of("net-1").withLease(Duration.ofSeconds(3))));
		forgetful.start();
		forgetful.join();
		await()
			.untilAsserted(() -> assertThat(log.lines).anyMatch((line) -> line.startsWith("Lost net-1: its thread")));
		await().untilAsserted(() -> assertThat(this.driver).isFree("net-1"));
	}

	@Test
	void aLockThatAnotherHasIsOneOutcome(@Autowired Switches switches) {
		RecordedWork work = new RecordedWork(() -> {
		});
		this.driver.holdElsewhere("net-1");
		assertThat(switches.tryToProgram("net-1", work)).contains("try again later", "net-1");
		this.driver.releaseElsewhere("net-1");
		assertThat(switches.tryToProgram("net-1", work)).isEqualTo("done");
	}

	@Test
	void aFutureIsLockedUntilItIsComplete(@Autowired AsyncPorts ports, @Autowired RemoteSwitch remote)
			throws Exception {
		CompletableFuture<String> result = ports.program("net-1");
		CompletableFuture<String> request = remote.nextRequest();
		assertThat(this.driver).isHeld("net-1");
		request.complete("programmed");
		assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo("programmed");
		assertThat(this.driver).isFree("net-1");
	}

	@Test
	void aMonoIsLockedFromItsSubscriptionUntilItsEnd(@Autowired AsyncPorts ports, @Autowired RemoteSwitch remote)
			throws Exception {
		var result = ports.programReactively("net-1");
		assertThat(this.driver).isFree("net-1");
		CompletableFuture<String> subscribed = result.toFuture();
		CompletableFuture<String> request = remote.nextRequest();
		assertThat(this.driver).isHeld("net-1");
		request.complete("programmed");
		assertThat(subscribed.get(30, TimeUnit.SECONDS)).isEqualTo("programmed");
		await().untilAsserted(() -> assertThat(this.driver).isFree("net-1"));
	}

	@Test
	void aCallerThatGivesUpLeavesTheWorkLocked(@Autowired ImpatientPorts ports, @Autowired RemoteSwitch remote)
			throws Exception {
		CompletableFuture<String> result = ports.programOrGiveUp("net-1", Duration.ofSeconds(1)).toFuture();
		CompletableFuture<String> request = remote.nextRequest();
		assertThat(result).failsWithin(Duration.ofSeconds(30))
			.withThrowableThat()
			.withCauseInstanceOf(TimeoutException.class);
		assertThat(request).isNotDone();
		assertThat(this.driver).isHeld("net-1");
		request.complete("programmed");
		await().untilAsserted(() -> assertThat(this.driver).isFree("net-1"));
	}

	@Test
	void aRowRefusesALateWriter(@Autowired FencedNetworks networks) {
		assertThatExceptionOfType(OptimisticLockingFailureException.class)
			.isThrownBy(() -> networks.rename("net-1", (name) -> {
				// The holder stalls between its read and its write, and another comes.
				this.driver.expire("net-1");
				CompletableFuture.runAsync(() -> networks.rename("net-1", (found) -> found + "-by-the-next")).join();
				return name + "-late";
			}));
		assertThat(this.jdbc.sql("select name from networks where id = 'net-1'").query(String.class).single())
			.isEqualTo("one-by-the-next");
	}

	@Test
	void aLockIsKeptUntilTheTransactionHasEnded(@Autowired Imports imports) {
		imports.importInTransaction("net-1", () -> assertThat(this.driver).isHeld("net-1"));
		assertThat(this.driver).isFree("net-1");
	}

	@Test
	void anInstanceIsNamedByTheApplication(@Autowired LockEngine engine) {
		assertThat(engine.settings().instance()).startsWith("pod-7-");
	}

	@Test
	void aLockRegistryIsThere(@Autowired Imports imports) throws Exception {
		imports.importNetwork("net-1", () -> assertThat(this.lock.held("net-1")).isNotNull());
		assertThat(this.driver).isFree("net-1");
	}

	@Test
	void aTaskThatRunsElsewhereIsSkipped(@Autowired Imports imports) throws Exception {
		this.driver.holdElsewhere("nightly-import");
		imports.nightly(() -> {
			throw new AssertionError("It runs elsewhere");
		});
		this.driver.releaseElsewhere("nightly-import");
		CountDownLatch ran = new CountDownLatch(1);
		imports.nightly(ran::countDown);
		assertThat(ran.getCount()).isZero();
	}

	private static class RecordedWork implements Switches.Work {

		final CountDownLatch stopped = new CountDownLatch(1);

		private final Runnable action;

		volatile long token;

		RecordedWork(Runnable action) {
			this.action = action;
		}

		@Override
		public void run(long fencingToken) {
			this.token = fencingToken;
			this.action.run();
		}

		@Override
		public void stop() {
			this.stopped.countDown();
		}

	}

}
