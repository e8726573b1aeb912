package org.dragonflow.lock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * A link that leads nowhere is found, and no other.
 */
class SiteCheckTests {

	@TempDir
	Path site = Path.of("");

	@Test
	void linksThatLeadSomewhereAreFine() throws IOException {
		write("a",
				"<h2 id=\"top\"></h2><a href=\"b.html\"> <a class=\"x\" href=\"b.html#there\"> <a href=\"#top\">"
						+ "<a href=\"#\"> <a href=\"https://example.org/x\"> <a href=\"mailto:x@example.org\">"
						+ "<a href=\"parts/c.json\">");
		Files.writeString(Files.createDirectory(this.site.resolve("parts")).resolve("c.json"), "{}");
		write("b", "<style>p{page-break-after:avoid}</style><p id=\"there\">");
		assertThat(SiteCheck.brokenLinks(this.site)).isEmpty();
		SiteCheck.main(this.site.toString());
	}

	@Test
	void linksThatLeadNowhereAreNamed() throws IOException {
		write("a",
				"<a href=\"b.html#gone\"> <a href=\"missing.html\"> <a href=\"#gone\"> {page-typo} {42} <a href=\"c.json\">");
		write("b", "<p id=\"there\">");
		assertThat(SiteCheck.brokenLinks(this.site)).containsExactly("a.html: #gone", "a.html: b.html#gone",
				"a.html: c.json", "a.html: missing.html", "a.html: {page-typo}");
		assertThatIllegalStateException().isThrownBy(() -> SiteCheck.main(this.site.toString()))
			.withMessageContaining("a.html: missing.html");
	}

	@Test
	void aSiteWithoutPagesIsAMistake() {
		assertThatIllegalStateException().isThrownBy(() -> SiteCheck.brokenLinks(this.site));
	}

	private void write(String page, String html) throws IOException {
		Files.writeString(this.site.resolve(page + ".html"), html);
	}

}
