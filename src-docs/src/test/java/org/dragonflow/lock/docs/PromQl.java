package org.dragonflow.lock.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a query of Prometheus asks for, as far as the queries of the documentation go.
 *
 * @param metrics the names of metrics
 * @param labels the labels that are compared or grouped by
 * @param values what labels are compared with
 */
record PromQl(Set<String> metrics, Set<String> labels, Map<String, Set<String>> values) {

	private static final Pattern MATCHERS = Pattern.compile("\\{([^}]*)}");

	private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)\\s*\"([^\"]*)\"");

	private static final Pattern GROUPING = Pattern.compile("\\bby\\s*\\(([^)]*)\\)");

	private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");

	private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

	private static final Set<String> FUNCTIONS = Set.of("sum", "max", "rate", "increase", "histogram_quantile");

	static PromQl parse(String query) {
		Set<String> labels = new TreeSet<>();
		Map<String, Set<String>> values = new TreeMap<>();
		MATCHERS.matcher(query).results().map((found) -> found.group(1)).forEach((matchers) -> {
			MATCHER.matcher(matchers).results().forEach((matcher) -> {
				labels.add(matcher.group(1));
				values.computeIfAbsent(matcher.group(1), (label) -> new TreeSet<>())
					.addAll(List.of(matcher.group(2).split("\\|")));
			});
		});
		GROUPING.matcher(query)
			.results()
			.flatMap((found) -> List.of(found.group(1).split(",")).stream())
			.map(String::strip)
			.forEach(labels::add);
		String rest = query;
		for (Pattern known : List.of(MATCHERS, GROUPING, RANGE)) {
			rest = known.matcher(rest).replaceAll(" ");
		}
		Set<String> metrics = new TreeSet<>(NAME.matcher(rest)
			.results()
			.map(MatchResult::group)
			.filter(Predicate.not(FUNCTIONS::contains))
			.toList());
		return new PromQl(metrics, labels, values);
	}

	/**
	 * Reads what Prometheus would.
	 * @param scrape in the text format
	 * @return the labels that each name has been seen with
	 */
	static Map<String, Set<String>> published(String scrape) {
		Map<String, Set<String>> published = new TreeMap<>();
		List<String> samples = new ArrayList<>(scrape.lines().filter((line) -> !line.startsWith("#")).toList());
		for (String sample : samples) {
			MatchResult name = NAME.matcher(sample).results().findFirst().orElseThrow();
			Set<String> labels = published.computeIfAbsent(name.group(), (unseen) -> new TreeSet<>());
			MATCHERS.matcher(sample)
				.results()
				.forEach((found) -> MATCHER.matcher(found.group(1))
					.results()
					.forEach((label) -> labels.add(label.group(1))));
		}
		return published;
	}

}
