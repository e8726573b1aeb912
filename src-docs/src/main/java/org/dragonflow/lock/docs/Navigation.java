package org.dragonflow.lock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The pages that there are, in the order in which a newcomer reads them. A page that is
 * not named here comes last, so that it can be found all the same.
 */
final class Navigation {

	static final String STYLE = """
			<style>
			#site-nav { font-family: sans-serif; font-size: .9em; padding: 1em 1.5em; }
			#site-nav h2 { font-size: 1em; margin: 1em 0 .2em; }
			#site-nav ul { list-style: none; margin: 0; padding: 0; }
			#site-nav li { margin: .15em 0; }
			@media (min-width: 70em) {
				body { margin-left: 16em; }
				#site-nav { position: fixed; left: 0; top: 0; bottom: 0; width: 13em; overflow: auto; background: #f7f7f8; }
			}
			</style>
			""";

	private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();
	static {
		GROUPS.put("Begin", List.of("index", "quick-start", "choosing"));
		GROUPS.put("Use", List.of("guarantees", "transactions", "reading-before-the-lock", "asynchronous", "fencing",
				"revocation", "threads", "testing", "migration", "properties"));
		GROUPS.put("Operate", List.of("operating", "console", "metrics", "spring-cloud", "aot"));
		GROUPS.put("Drivers", List.of("jdbc", "redis", "etcd", "zookeeper", "registry", "writing-a-driver"));
		GROUPS.put("Look inside", List.of("design", "benchmarks"));
	}

	private final Map<String, String> titles;

	private Navigation(Map<String, String> titles) {
		this.titles = titles;
	}

	/**
	 * The navigation for a directory of pages.
	 * @param directory what to list
	 * @return the navigation
	 * @throws IOException if a page cannot be read
	 * @throws IllegalStateException if a page has no title
	 */
	static Navigation of(Path directory) throws IOException {
		Map<String, String> titles = new TreeMap<>();
		try (Stream<Path> files = Files.list(directory)) {
			for (Path file : files.toList()) {
				String name = file.getFileName().toString();
				if (name.endsWith(".adoc") && !name.startsWith("_")) {
					titles.put(name.substring(0, name.length() - ".adoc".length()), title(file));
				}
			}
		}
		return new Navigation(titles);
	}

	private static String title(Path page) throws IOException {
		return Files.readAllLines(page)
			.stream()
			.filter((line) -> line.startsWith("= "))
			.map((line) -> line.substring(2))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(page + " has no title: begin it with '= The title'"));
	}

	String toHtml() {
		StringBuilder html = new StringBuilder("<nav id=\"site-nav\">\n");
		Map<String, String> left = new TreeMap<>(this.titles);
		GROUPS.forEach((group, pages) -> append(html, group, pages.stream().filter(this.titles::containsKey).toList()));
		GROUPS.values().forEach((pages) -> pages.forEach(left::remove));
		append(html, "More", new ArrayList<>(left.keySet()));
		return html.append("</nav>\n").toString();
	}

	private void append(StringBuilder html, String group, List<String> pages) {
		if (pages.isEmpty()) {
			return;
		}
		html.append("<h2>").append(group).append("</h2>\n<ul>\n");
		for (String page : pages) {
			html.append("<li><a href=\"").append(page).append(".html\">");
			html.append(escape(String.valueOf(this.titles.get(page)))).append("</a></li>\n");
		}
		html.append("</ul>\n");
	}

	/**
	 * Attributes for each page, such as {@code {page-redis}}: a link, or only the name
	 * where there is no such page; and {@code {exists-redis}}, which is set where there
	 * is one.
	 */
	String toAttributes() {
		StringBuilder attributes = new StringBuilder();
		GROUPS.values().forEach((pages) -> pages.forEach((page) -> append(attributes, page)));
		return attributes.toString();
	}

	private void append(StringBuilder attributes, String page) {
		boolean exists = this.titles.containsKey(page);
		attributes.append(":page-").append(page).append(": ");
		attributes.append(exists ? "xref:" + page + ".adoc[" + page + "]" : page).append('\n');
		if (exists) {
			attributes.append(":exists-").append(page).append(":\n");
		}
	}

	private static String escape(String text) {
		return text.replace("`", "").replace("&", "&amp;").replace("<", "&lt;");
	}

}
