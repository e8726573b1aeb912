package org.dragonflow.lock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.micrometer.common.docs.KeyName;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LockObservationAutoConfiguration;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.StoreCall;
import org.dragonflow.lock.engine.WaitOutcome;
import org.dragonflow.lock.observation.LockMeterDocumentation;
import org.dragonflow.lock.observation.LockObservationDocumentation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the page and the dashboard name is what an application publishes.
 */
class MetricsPageTests {

	private static final Path PAGES = Path.of("src/docs/asciidoc");

	// Prometheus adds these.
	private static final Set<String> OF_PROMETHEUS = Set.of("instance", "job");

	private static String scrape = "";

	@BeforeAll
	static void publish() {
		new ApplicationContextRunner().withInitializer(new ConfigDataApplicationContextInitializer())
			.withPropertyValues("spring.config.location=classpath:metrics/application.yml",
					"dragonflow.lock.driver=local")
			.withConfiguration(
					AutoConfigurations.of(DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class,
							LockObservationAutoConfiguration.class, ObservationAutoConfiguration.class,
							MetricsAutoConfiguration.class, PrometheusMetricsExportAutoConfiguration.class))
			.run((context) -> {
				context.getBean(DistributedLock.class).lock(LockRequest.of("net-1").withLabel("import")).close();
				// The end of a hold is told a moment later.
				scrape = await().until(() -> context.getBean(PrometheusMeterRegistry.class).scrape(),
						(found) -> found.contains("dragonflow_lock_hold_seconds_count"));
			});
	}

	@Test
	void eachQueryOfTheDashboardAsksForWhatIsPublished() throws IOException {
		List<String> queries = JsonPath.parse(Files.readString(PAGES.resolve("grafana/dragonflow-lock.json")))
			.read("$.panels[*].targets[*].expr");
		assertThat(queries).hasSizeGreaterThan(10).allSatisfy(MetricsPageTests::assertAnswered);
	}

	@Test
	void eachVariableOfTheDashboardHasValues() throws IOException {
		List<String> queries = JsonPath.parse(Files.readString(PAGES.resolve("grafana/dragonflow-lock.json")))
			.read("$.templating.list[?(@.type == 'query')].query.query");
		Pattern labelValues = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");
		assertThat(queries).hasSize(2).allSatisfy((query) -> {
			MatchResult found = labelValues.matcher(query).results().findFirst().orElseThrow();
			assertThat(PromQl.published(scrape)).extractingByKey(found.group(1))
				.satisfies((labels) -> assertThat(labels).contains(found.group(2)));
		});
	}

	@Test
	void eachQueryOfThePageAsksForWhatIsPublished() throws IOException {
		Pattern query = Pattern.compile("`((?:rate|increase)\\([^`]*)`");
		assertThat(query.matcher(page()).results().map((found) -> found.group(1))).hasSizeGreaterThan(3)
			.allSatisfy(MetricsPageTests::assertAnswered);
	}

	@Test
	void thePageNamesAllThatIsPublishedAndNothingElse() throws IOException {
		Set<String> named = new TreeSet<>(
				Pattern.compile("dragonflow_lock_\\w+").matcher(page()).results().map(MatchResult::group).toList());
		Set<String> published = new TreeSet<>(PromQl.published(scrape).keySet());
		published.removeIf((name) -> !name.startsWith("dragonflow_lock_"));
		assertThat(named).isEqualTo(published);
	}

	@Test
	void thePageNamesAllKeysAndTheirValues() throws IOException {
		String page = page();
		for (LockObservationDocumentation documented : LockObservationDocumentation.values()) {
			assertThat(page)
				.contains("| `" + documented.getName() + "`\n| " + keys(documented.getLowCardinalityKeyNames()));
			assertThat(page).contains("`" + documented.getName() + ".active`")
				.contains(Arrays.stream(documented.getHighCardinalityKeyNames())
					.map((key) -> "`" + key.asString() + "`")
					.toList());
		}
		for (LockMeterDocumentation documented : LockMeterDocumentation.values()) {
			assertThat(page).contains("| `" + documented.getName() + "`\n| " + keys(documented.getKeyNames()));
		}
		assertThat(page).contains(Stream.of(WaitOutcome.values(), HoldOutcome.values(), StoreCall.values())
			.flatMap(Arrays::stream)
			.map((value) -> "`" + value(value) + "`")
			.toList());
	}

	@Test
	void aQueryForAnotherNameIsFound() {
		PromQl query = PromQl
			.parse("sum by (le, lable) (rate(nobody_knows{outcome=~\"lost|found\"}[$__interval])) / other");
		assertThat(query.metrics()).containsExactly("nobody_knows", "other");
		assertThat(query.labels()).containsExactly("lable", "le", "outcome");
		assertThat(query.values()).isEqualTo(Map.of("outcome", Set.of("lost", "found")));
	}

	private static void assertAnswered(String text) {
		PromQl query = PromQl.parse(text);
		Map<String, Set<String>> published = PromQl.published(scrape);
		assertThat(query.metrics()).as(text).isNotEmpty().allSatisfy((metric) -> {
			assertThat(published).as(text).containsKey(metric);
			Set<String> labels = new TreeSet<>(query.labels());
			labels.removeAll(OF_PROMETHEUS);
			assertThat(published.get(metric)).as("labels of %s in %s", metric, text).containsAll(labels);
		});
		assertThat(outcomes()).as("outcomes in %s", text).containsAll(query.values().getOrDefault("outcome", Set.of()));
	}

	private static List<String> outcomes() {
		return Stream.of(WaitOutcome.values(), HoldOutcome.values())
			.flatMap(Arrays::stream)
			.map(MetricsPageTests::value)
			.toList();
	}

	private static String value(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

	private static String keys(KeyName[] keys) {
		return String.join(", ", Arrays.stream(keys).map((key) -> "`" + key.asString() + "`").toList());
	}

	private static String page() throws IOException {
		return Files.readString(PAGES.resolve("metrics.adoc"));
	}

}
