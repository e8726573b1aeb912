package org.dragonflow.lock.actuate;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.actuate.Operated.Answer;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What people see and do by HTTP while two instances want the same locks.
 */
@Timeout(120)
class LocksEndpointHttpTests {

	private static RedisServer server;

	private static Operated instance;

	/** Another instance, whose endpoint may also write. */
	private static Operated other;

	private final List<Thread> threads = new ArrayList<>();

	@BeforeAll
	static void start() {
		server = RedisServer.start("--requirepass", Operated.PASSWORD);
		instance = new Operated(server);
		other = new Operated(server, "management.endpoint.locks.access=unrestricted");
	}

	@AfterAll
	static void stop() {
		other.close();
		instance.close();
		server.close();
	}

	@AfterEach
	void joinThreads() throws InterruptedException {
		for (Thread thread : this.threads) {
			thread.join();
		}
		instance.events().clear();
		other.audited().clear();
	}

	@Test
	void itShowsWhatIsHeldAndWaitedForWhereAndByWhom() throws Exception {
		LockHandle ofOther = other.lock().acquire(LockRequest.of("net-2"));
		LockHandle ofInstance = instance.lock().acquire(LockRequest.of("net-1"));
		waiter(instance, "import-1", "net-1");
		waiter(instance, "import-2", "net-1");
		waiter(instance, "export", "net-2");
		waiter(other, "audit", "net-1");

		DocumentContext all = json(instance.get("/locks"), 200);
		assertFieldsAsDocumented("locks.json", all);
		assertThat(all.<List<String>>read("$.held[*].id")).as("held").containsExactly("net-1");
		Map<String, Object> held = all.read("$.held[0]");
		assertThat(held).containsEntry("thread", Thread.currentThread().getName())
			.containsEntry("ownedBy", "HANDLE")
			.containsEntry("fencingToken", String.valueOf(ofInstance.fencingToken()))
			.containsEntry("lease", "PT6S")
			.containsEntry("waiting", 2)
			.containsEntry("revocationRequested", false);
		assertThat(Duration.parse((String) held.get("leaseLeft"))).isBetween(Duration.ZERO, Duration.ofSeconds(6));
		assertThat(all.<List<String>>read("$.waiting[*].thread")).as("who waits, the longest first")
			.containsExactly("import-1", "import-2", "export");
		assertThat(all.<List<Integer>>read("$.waiting[*].position")).containsExactly(1, 2, 1);
		assertThat(all.<List<String>>read("$.waiting[*].where")).containsExactly("INSTANCE", "INSTANCE", "STORE");
		assertThat(all.<Boolean>read("$.cut")).isFalse();
		DocumentContext one = json(instance.get("/locks?limit=1"), 200);
		assertThat(one.<Boolean>read("$.cut")).isTrue();
		assertThat(one.<Integer>read("$.waitingCount")).isEqualTo(3);

		DocumentContext seenFromThere = json(other.get("/locks/net-1"), 200);
		assertFieldsAsDocumented("lock.json", seenFromThere);
		assertThat(seenFromThere.<String>read("$.stored.holder")).isEqualTo(held.get("holder"))
			.startsWith(all.<String>read("$.instance"));
		assertThat(seenFromThere.<Boolean>read("$.stored.thisInstance")).isFalse();
		assertThat(seenFromThere.<List<String>>read("$.waiting[*].thread")).containsExactly("audit");
		ofInstance.close();
		ofOther.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "a/b/c", "50% of 100%25", "two words", "\u00fcml\u00e4ut \u2603", "a+b&c=d", "q?x#y",
			"semi;colon", "net:1,2" })
	void anyIdCanBeNamed(String objectId) throws Exception {
		LockHandle handle = instance.lock().acquire(LockRequest.of(objectId));
		DocumentContext found = json(other.get("/locks/" + encode(objectId)), 200);
		assertThat(found.<String>read("$.id")).isEqualTo(objectId);
		assertThat(found.<String>read("$.stored.fencingToken")).isEqualTo(String.valueOf(handle.fencingToken()));
		handle.close();
		DocumentContext free = json(other.get("/locks/" + encode(objectId)), 200);
		assertThat(free.<String>read("$.state")).isEqualTo("FREE");
	}

	@Test
	void toLookIsAllThatIsAllowedByDefault() throws Exception {
		LockHandle handle = instance.lock().acquire(LockRequest.of("net-1"));
		String holder = json(instance.get("/locks/net-1"), 200).read("$.stored.holder");
		assertThat(instance.send("DELETE", "/locks/net-1?holder=" + encode(holder)).status()).as("of a break")
			.isIn(404, 405);
		assertThat(instance.send("POST", "/locks/net-1").status()).as("of a revocation").isIn(404, 405);
		assertThat(handle.isHeld()).as("held after both").isTrue();
		handle.close();
		assertThat(instance.events()).isEmpty();
	}

	@Test
	void aBreakTellsTheHolderLetsTheNextOneInAndIsAudited() throws Exception {
		LockHandle handle = instance.lock().acquire(LockRequest.of("a/b"));
		waiter(other, "next", "a/b");
		String holder = json(other.get("/locks/a/b"), 200).read("$.stored.holder");
		assertThat(other.send("DELETE", "/locks/a/b").status()).as("of a break that names no holder").isEqualTo(400);
		DocumentContext wrong = json(other.send("DELETE", "/locks/a/b?holder=me"), 404);
		assertFieldsAsDocumented("wrong-break.json", wrong);
		assertThat(wrong.<String>read("$.message")).isEqualTo("'a/b' is not held by 'me', but by '" + holder + "'");
		assertThat(json(other.send("DELETE", "/locks/a/c?holder=" + encode(holder)), 404).<String>read("$.message"))
			.isEqualTo("Nobody holds 'a/c'");
		assertThat(handle.isHeld()).as("held after three wrong breaks").isTrue();

		assertThat(json(other.send("DELETE", "/locks/a/b?holder=" + encode(holder)), 200).<String>read("$.outcome"))
			.isEqualTo("DONE");
		await("the holder is told").until(() -> !instance.events().isEmpty());
		assertThat(instance.events()).singleElement()
			.isInstanceOfSatisfying(LockLostEvent.class, (event) -> assertThat(event.objectId()).isEqualTo("a/b"));
		assertThat(handle.isHeld()).as("held after the break").isFalse();
		joinThreads();
	}

	@Test
	void everyActionIsAuditedWithItsUser() throws Exception {
		LockHandle handle = instance.lock().acquire(LockRequest.of("net-1"));
		other.send("DELETE", "/locks/net-1?holder=me");
		other.send("POST", "/locks/net-1");
		assertThat(other.audited()).hasSize(2)
			.allSatisfy((event) -> assertThat(event.getPrincipal()).isEqualTo("alice"));
		assertThat(other.audited().get(0).getData()).containsEntry("id", "net-1")
			.containsEntry("holder", "me")
			.containsEntry("outcome", "NOT_HELD");
		assertThat(other.audited().get(1).getType()).isEqualTo("LOCK_REVOCATION");
		handle.close();
	}

	@Test
	void aHolderElsewhereIsAsked() throws Exception {
		LockHandle handle = instance.lock().acquire(LockRequest.of("net-1"));
		assertThat(json(other.send("POST", "/locks/net-1"), 200).<String>read("$.outcome")).isEqualTo("DONE");
		await("the holder is told").until(() -> !instance.events().isEmpty());
		assertThat(instance.events()).singleElement().isInstanceOf(LockRevocationEvent.class);
		assertThat(handle.isHeld()).as("held all the same").isTrue();
		assertThat(json(instance.get("/locks"), 200).<Boolean>read("$.held[0].revocationRequested")).isTrue();
		handle.close();
		assertThat(json(other.send("POST", "/locks/net-1"), 404).<String>read("$.message"))
			.isEqualTo("Nobody holds 'net-1'");
	}

	@Test
	void aStoreThatIsSilentHoldsNobodyUp() throws Exception {
		LockHandle handle = instance.lock().acquire(LockRequest.of("net-1").withLease(Duration.ofMinutes(1)));
		DocumentContext well = json(instance.get("/health/dragonflowLock"), 200);
		assertFieldsAsDocumented("health.json", well);
		assertThat(well.<String>read("$.status")).isEqualTo("UP");
		server.pause();
		try {
			long begin = System.nanoTime();
			DocumentContext one = json(other.get("/locks/net-1"), 503);
			Answer broken = other.send("DELETE", "/locks/net-1?holder=somebody");
			Answer health = instance.get("/health/dragonflowLock");
			DocumentContext all = json(instance.get("/locks"), 200);
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("time for four answers")
				.isLessThan(Operated.TIMEOUT.multipliedBy(3).plusSeconds(5));
			assertThat(one.<String>read("$.state")).isEqualTo("UNKNOWN");
			assertThat(one.<String>read("$.problem")).isEqualTo("The store has not answered within 1000 ms");
			assertThat(json(broken, 503).<String>read("$.outcome")).isEqualTo("UNKNOWN");
			assertThat(json(health, 503).<String>read("$.details.storeProblem"))
				.contains("not answered within 1000 ms");
			assertThat(all.<List<String>>read("$.held[*].id")).as("what is known without the store")
				.containsExactly("net-1");
			assertThat(broken.body() + health.body()).doesNotContain(Operated.PASSWORD);
		}
		finally {
			server.resume();
		}
		await("a store that answers again").until(() -> instance.get("/health/dragonflowLock").status() == 200);
		handle.close();
	}

	private void waiter(Operated application, String name, String objectId) {
		Thread thread = new Thread(() -> application.lock().run(objectId, () -> {
		}), name);
		this.threads.add(thread);
		thread.start();
		await("'" + name + "' waits").until(() -> application.lock()
			.snapshot(objectId, 10)
			.waiting()
			.stream()
			.anyMatch((waiting) -> waiting.thread().equals(name)));
	}

	private static DocumentContext json(Answer answer, int status) {
		assertThat(answer.status()).as(answer.body()).isEqualTo(status);
		return JsonPath.parse(answer.body());
	}

	/**
	 * What the page on operating shows has the fields that there are.
	 */
	private static void assertFieldsAsDocumented(String file, DocumentContext answer) throws IOException {
		Path page = Path.of("../src-docs/src/test/resources/operating", file);
		assertThat(fields(answer)).as("fields, against " + page)
			.isEqualTo(fields(JsonPath.parse(Files.readString(page))));
	}

	private static Set<String> fields(DocumentContext json) {
		List<String> paths = JsonPath.using(Configuration.builder().options(Option.AS_PATH_LIST).build())
			.parse(json.jsonString())
			.read("$..*");
		return paths.stream().map((path) -> path.replaceAll("\\[[0-9]+]", "[*]")).collect(Collectors.toSet());
	}

	/**
	 * Each part of a path by itself: a web server takes no encoded slash.
	 */
	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
	}

	private static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(Duration.ofSeconds(30));
	}

}
