package org.dragonflow.lock.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.util.MimeType;
import org.springframework.web.util.HtmlUtils;

/**
 * The page, and the files that it is made of: those that are listed here, and no others.
 */
final class ConsoleFiles {

	static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);

	private static final MimeType SCRIPT = new MimeType("text", "javascript", StandardCharsets.UTF_8);

	private static final Map<String, MimeType> FILES = Map.of("console.js", SCRIPT, "history.js", SCRIPT, "timeline.js",
			SCRIPT, "tables.js", SCRIPT, "dom.js", SCRIPT, "console.css",
			new MimeType("text", "css", StandardCharsets.UTF_8), "icon.svg", new MimeType("image", "svg+xml"));

	private final String page;

	ConsoleFiles() {
		try {
			this.page = resource("console.html").getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The page.
	 * @param directory where its files are, relative to the page
	 */
	Resource page(String directory) {
		String links = this.page.replace("@directory@", HtmlUtils.htmlEscape(directory));
		return new ByteArrayResource(links.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * One of the files, or null if there is none of that name.
	 */
	@Nullable File file(String name) {
		MimeType type = FILES.get(name);
		return (type != null) ? new File(resource(name), type) : null;
	}

	private static Resource resource(String name) {
		return new ClassPathResource(name, ConsoleFiles.class);
	}

	/**
	 * A file of the page.
	 *
	 * @param content what is in it
	 * @param type what that is
	 */
	record File(Resource content, MimeType type) {
	}

}
