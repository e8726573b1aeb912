package org.dragonflow.lock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes what the pages include but nobody writes by hand. Run by the build before the
 * pages are rendered.
 */
public final class SiteParts {

	private SiteParts() {
	}

	/**
	 * Writes the parts.
	 * @param args the directory of the pages, and that of the parts
	 * @throws IOException if a file cannot be read or written
	 */
	public static void main(String... args) throws IOException {
		Path parts = Files.createDirectories(Path.of(args[1]));
		Navigation navigation = Navigation.of(Path.of(args[0]));
		// Asciidoctor puts these into each page, by their names.
		Files.writeString(parts.resolve("docinfo.html"), Navigation.STYLE);
		Files.writeString(parts.resolve("docinfo-header.html"), navigation.toHtml());
		Files.writeString(parts.resolve("pages.adoc"), navigation.toAttributes());
		Files.writeString(parts.resolve("properties.adoc"), PropertyTables.ofClassPath().toAsciidoc());
	}

}
