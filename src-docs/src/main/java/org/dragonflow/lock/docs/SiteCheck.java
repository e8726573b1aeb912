package org.dragonflow.lock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds links between the rendered pages that lead nowhere. Run by the build after the
 * pages were rendered.
 */
public final class SiteCheck {

	private static final Pattern LINK = Pattern.compile("<a [^>]*href=\"([^\"]*)\"");

	// Braces may also be part of the text.
	private static final Pattern UNKNOWN_PAGE = Pattern.compile("(\\{page-[\\w-]+})");

	private static final Pattern TARGET = Pattern.compile(" id=\"([^\"]*)\"");

	private SiteCheck() {
	}

	/**
	 * Fails if a link of a page leads nowhere.
	 * @param args the directory of the pages
	 * @throws IOException if a page cannot be read
	 * @throws IllegalStateException names the broken links
	 */
	public static void main(String... args) throws IOException {
		List<String> broken = brokenLinks(Path.of(args[0]));
		if (!broken.isEmpty()) {
			throw new IllegalStateException("Links that lead nowhere:\n  " + String.join("\n  ", broken));
		}
	}

	/**
	 * The broken links of a site, each with the page that has it.
	 */
	static List<String> brokenLinks(Path site) throws IOException {
		Map<String, String> pages = new HashMap<>();
		try (Stream<Path> files = Files.list(site)) {
			for (Path file : files.filter((file) -> file.toString().endsWith(".html")).toList()) {
				pages.put(file.getFileName().toString(), Files.readString(file));
			}
		}
		if (pages.isEmpty()) {
			throw new IllegalStateException("There are no pages in " + site);
		}
		Map<String, Set<String>> targets = new HashMap<>();
		pages.forEach((page, html) -> targets.put(page, new HashSet<>(all(TARGET, html))));
		List<String> broken = new ArrayList<>();
		pages.forEach((page, html) -> {
			all(UNKNOWN_PAGE, html).forEach((name) -> broken.add(page + ": " + name));
			for (String link : all(LINK, html)) {
				if (!link.matches("[a-z]+:.*") && !leadsSomewhere(page, link, targets)
						&& !Files.isRegularFile(site.resolve(link))) {
					broken.add(page + ": " + link);
				}
			}
		});
		broken.sort(null);
		return broken;
	}

	private static boolean leadsSomewhere(String from, String link, Map<String, Set<String>> targets) {
		int hash = link.indexOf('#');
		String page = (hash < 0) ? link : link.substring(0, hash);
		Set<String> ids = targets.get(page.isEmpty() ? from : page);
		// A link to "#" is to the top of the page.
		return ids != null && (hash < 0 || hash == link.length() - 1 || ids.contains(link.substring(hash + 1)));
	}

	private static List<String> all(Pattern pattern, String text) {
		Matcher matcher = pattern.matcher(text);
		List<String> found = new ArrayList<>();
		while (matcher.find()) {
			found.add(matcher.group(1));
		}
		return found;
	}

}
