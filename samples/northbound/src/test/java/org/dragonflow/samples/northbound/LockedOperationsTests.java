package org.dragonflow.samples.northbound;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the lock does, seen in the database that keeps it.
 */
@NorthboundTest
class LockedOperationsTests {

	private static final String PORT = "{\"name\": \"x\"}";

	private final ExecutorService callers = Executors.newCachedThreadPool();

	private final Api api;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	@Autowired
	LockedOperationsTests(@LocalServerPort int port, JdbcClient jdbc, TransactionTemplate transaction) {
		this.api = new Api(port);
		this.jdbc = jdbc;
		this.transaction = transaction;
	}

	@AfterEach
	void stopCallers() {
		this.callers.shutdownNow();
	}

	@Test
	void theRecordIsInTheStoreWhileAnAnnotatedMethodRuns() {
		this.api.createNetwork("net-record");
		CompletableFuture<ResponseSpec> answer = whileARequestRuns("net-record",
				() -> this.api.post("/networks/net-record/ports", PORT), () -> {
				});
		answer.join().expectStatus().isCreated();
		assertThat(records("net-record")).as("lock records after the method has returned").isZero();
	}

	@Test
	void aCallerWhoseLockWasLostIsToldToLookAgain() {
		this.api.createNetwork("net-lost");
		CompletableFuture<ResponseSpec> answer = whileARequestRuns("net-lost",
				() -> this.api.post("/networks/net-lost/ports", PORT),
				() -> this.jdbc.sql("delete from dragonflow_lock where lock_key = 'dragonflow~net-lost'").update());
		Api.expectProblem(answer.join(), HttpStatus.CONFLICT,
				"The lock on 'net-lost' was lost while the change was made. Read the object again before you repeat the change.");
	}

	@Test
	void nothingIsChangedWithoutALockStore() {
		this.api.createNetwork("net-storeless");
		this.jdbc.sql("alter table dragonflow_lock rename to dragonflow_lock_away").update();
		try {
			Api.expectProblem(this.api.post("/networks/net-storeless/ports", PORT), HttpStatus.SERVICE_UNAVAILABLE,
					"Nothing can be changed now: the lock store does not answer.");
		}
		finally {
			this.jdbc.sql("alter table dragonflow_lock_away rename to dragonflow_lock").update();
		}
		this.api.get("/networks/net-storeless/ports").expectBody().json("[]");
		this.api.post("/networks/net-storeless/ports", PORT).expectStatus().isCreated();
	}

	@Test
	void aRouterIsCreatedUnderTheLockOfItsProject() throws Exception {
		List<Future<Integer>> answers = new ArrayList<>();
		for (int call = 0; call < 40; call++) {
			answers.add(this.callers
				.submit(() -> statusOf(this.api.post("/routers", "{\"projectId\": \"busy\", \"name\": \"r\"}"))));
		}
		List<Integer> statuses = new ArrayList<>();
		for (Future<Integer> answer : answers) {
			statuses.add(answer.get());
		}
		assertThat(statuses).as("answers to forty callers who each want one of ten routers").containsOnly(201, 409);
		assertThat(
				this.jdbc.sql("select count(*) from routers where project_id = 'busy'").query(Integer.class).single())
			.as("routers of the project, of which it may have ten")
			.isEqualTo(10);
	}

	@Test
	void concurrentCallersLoseNoUpdate() throws Exception {
		this.api.createNetwork("net-busy");
		List<Future<Integer>> answers = new ArrayList<>();
		for (int call = 0; call < 200; call++) {
			answers.add(this.callers.submit(() -> statusOf(this.api.post("/networks/net-busy/ports", PORT))));
		}
		for (Future<Integer> answer : answers) {
			assertThat(answer.get()).as("answer to the creation of a port").isEqualTo(201);
		}
		assertThat(this.jdbc.sql("select count(distinct address) from ports where network_id = 'net-busy'")
			.query(Integer.class)
			.single()).as("different addresses of 200 ports").isEqualTo(200);
		this.api.get("/networks/net-busy")
			.expectBody()
			.jsonPath("$.revision")
			.isEqualTo(201)
			.jsonPath("$.allocations.length()")
			.isEqualTo(200);
	}

	/**
	 * Stops a request in the middle of its annotated method, by locking the row of the
	 * network that the method wants to write.
	 */
	private CompletableFuture<ResponseSpec> whileARequestRuns(String networkId, Supplier<ResponseSpec> request,
			Runnable action) {
		return this.transaction.execute((status) -> {
			this.jdbc.sql("update networks set name = name where id = ?").param(networkId).update();
			CompletableFuture<ResponseSpec> answer = CompletableFuture.supplyAsync(request, this.callers);
			await("the lock record of the network")
				.until(() -> CompletableFuture.supplyAsync(() -> records(networkId), this.callers).get() == 1);
			assertThat(answer).as("the request that the record belongs to").isNotDone();
			CompletableFuture.runAsync(action, this.callers).join();
			return answer;
		});
	}

	private int records(String networkId) {
		return this.jdbc.sql("select count(*) from dragonflow_lock where lock_key = ? and released_at is null")
			.param("dragonflow~" + networkId)
			.query(Integer.class)
			.single();
	}

	private static int statusOf(ResponseSpec response) {
		return response.returnResult().getStatus().value();
	}

}
