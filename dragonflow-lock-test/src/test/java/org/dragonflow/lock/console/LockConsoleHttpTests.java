package org.dragonflow.lock.console;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.engine.LockObserver;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the web server answers, of either kind.
 */
class LockConsoleHttpTests {

	private static final String PATH = "/manage/show/locks";

	private final HttpClient client = HttpClient.newHttpClient();

	@Test
	void thereIsNoConsoleUnlessItIsAskedFor() throws Exception {
		try (ConfigurableApplicationContext context = ConsoleApplication.start(WebApplicationType.SERVLET,
				List.of("dragonflow.lock.driver=local", "management.endpoints.web.exposure.include=*"))) {
			assertThat(get(ConsoleApplication.address(context, "/actuator/lockconsole")).statusCode()).as("the status")
				.isEqualTo(404);
			assertThat(context.getBeanProvider(LockObserver.class).stream().filter(LockRecorder.class::isInstance))
				.as("what records")
				.isEmpty();
		}
	}

	@Test
	void theManagementServerHasItAndTheApplicationsHasNot() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET, "management.server.port=0",
				"management.server.address=127.0.0.1")) {
			assertThat(get(ConsoleApplication.address(context, PATH)).statusCode())
				.as("the status at the application's own port")
				.isEqualTo(404);
			assertConsole(context, "local.management.port");
		}
	}

	@Test
	void webFluxServesItAsWell() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.REACTIVE)) {
			assertConsole(context, "local.server.port");
		}
	}

	private static ConfigurableApplicationContext start(WebApplicationType type, String... more) {
		List<String> properties = new ArrayList<>(ConsoleApplication.CONSOLE);
		properties.addAll(List.of("dragonflow.lock.driver=local", "management.endpoints.web.base-path=/manage",
				"management.endpoints.web.path-mapping.lockconsole=show/locks"));
		properties.addAll(List.of(more));
		return ConsoleApplication.start(type, properties);
	}

	private void assertConsole(ConfigurableApplicationContext context, String port) throws Exception {
		URI page = URI.create("http://127.0.0.1:" + context.getEnvironment().getRequiredProperty(port) + PATH);
		assertPageAndFiles(page);
		assertNothingElseIsServed(page);
		assertReports(page, context.getBean(DistributedLock.class));
	}

	private void assertPageAndFiles(URI page) throws Exception {
		HttpResponse<String> answer = get(page);
		assertThat(answer.body()).contains("src=\"locks/console.js\"", "href=\"locks/console.css\"")
			.doesNotContain("@directory@")
			.doesNotContainIgnoringCase("<style")
			.doesNotContainPattern("<script[^>]*></script>.*<script");
		assertServed(answer, "text/html");
		for (String script : List.of("console.js", "dom.js", "history.js", "tables.js", "timeline.js")) {
			assertServed(get(page.resolve("locks/" + script)), "text/javascript");
		}
		assertServed(get(page.resolve("locks/console.css")), "text/css");
		assertServed(get(page.resolve("locks/icon.svg")), "image/svg+xml");
	}

	private static void assertServed(HttpResponse<String> answer, String type) {
		assertThat(answer.statusCode()).as("the status of " + answer.uri()).isEqualTo(200);
		assertThat(answer.headers().firstValue("Content-Type").orElse("")).as("the type of " + answer.uri())
			.startsWith(type);
		assertThat(answer.headers().allValues("Content-Security-Policy")).as("the policy of " + answer.uri())
			.singleElement()
			.asString()
			.contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
			.doesNotContain("unsafe");
		assertThat(answer.headers().map()).as("the other headers of " + answer.uri())
			.containsAllEntriesOf(
					Map.of("x-content-type-options", List.of("nosniff"), "cache-control", List.of("no-store")));
	}

	private void assertNothingElseIsServed(URI page) throws Exception {
		for (String name : List.of("console.html", "LockConsoleEndpoint.class", "package-info.class",
				"../console/console.js", "..%2f..%2fconsole.js", "%2e%2e%2fLockDriver.class",
				"..%5cspi%5cLockDriver.class", "%2fetc%2fpasswd", "console.js%00.css", "sub/console.js")) {
			URI address = URI.create(page + "/" + name);
			HttpResponse<String> answer = get(address);
			assertThat(answer.statusCode()).as("the status of " + address).isIn(400, 404);
		}
	}

	private void assertReports(URI page, DistributedLock lock) throws Exception {
		lock.run("net-1", () -> {
		});
		lock.lock("net-2");
		// What has ended is told a moment later.
		JsonNode first = await().until(() -> report(page, ""), (report) -> endedHolds(report).contains("net-1"));
		assertThat(first.path("held").findValuesAsString("id")).as("what is held").containsExactly("net-2");
		assertThat(endedHolds(first)).as("what has ended").containsExactly("net-1");
		assertThat(first.path("application").asString()).isEqualTo("ports");
		lock.unlock("net-2");
		JsonNode next = await().until(() -> report(page, "?after=" + first.path("last").asString()),
				(report) -> endedHolds(report).contains("net-2"));
		assertThat(next.path("held")).as("what is held then").isEmpty();
		assertThat(next.path("ended").findValuesAsString("id")).as("what has ended since").containsExactly("net-2");
		assertThat(next.path("ended").get(0).path("token").isString()).as("the token is text").isTrue();
		assertThat(report(page, "?after=" + next.path("last").asString()).path("ended")).as("and since then").isEmpty();
		HttpResponse<String> holder = get(page.resolve("locks/holder?id=net-1"));
		assertThat(holder.body()).as("the holder of what nobody here waits for").contains("NOBODY_WAITS");
		assertThat(get(page.resolve("locks/holder")).statusCode()).as("the holder of nothing").isEqualTo(400);
	}

	/**
	 * On a busy machine, a lock that was free may have been waited for, too.
	 */
	private static List<String> endedHolds(JsonNode report) {
		return report.path("ended")
			.valueStream()
			.filter((ended) -> ended.path("kind").asString().equals("HOLD"))
			.map((ended) -> ended.path("id").asString())
			.toList();
	}

	private JsonNode report(URI page, String query) throws Exception {
		HttpResponse<String> answer = get(page.resolve("locks/report" + query));
		assertServed(answer, "application/json");
		return new JsonMapper().readTree(answer.body());
	}

	private HttpResponse<String> get(URI address) throws IOException, InterruptedException {
		return this.client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
	}

}
