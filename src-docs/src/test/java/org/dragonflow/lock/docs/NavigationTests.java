package org.dragonflow.lock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The navigation has the pages that there are, and no others.
 */
class NavigationTests {

	@TempDir
	Path pages = Path.of("");

	@Test
	void aNewcomersPageComesFirstAndAnUnknownOneLast() throws IOException {
		write("zebra", "= About `zebras` & <others>");
		write("design", "= The design\n\n== = not a title");
		write("index", "= The beginning");
		write("_part", "no page");
		assertThat(Navigation.of(this.pages).toHtml())
			.containsSubsequence("index.html\">The beginning<", "design.html\">The design<",
					"zebra.html\">About zebras &amp; &lt;others><")
			.doesNotContain("_part", "redis");
	}

	@Test
	void aPageThatIsNotThereIsNoLink() throws IOException {
		write("redis", "= Redis");
		assertThat(Navigation.of(this.pages).toAttributes())
			.contains(":page-redis: xref:redis.adoc[redis]\n", ":exists-redis:\n", ":page-etcd: etcd\n")
			.doesNotContain(":exists-etcd:");
	}

	@Test
	void aPageWithoutATitleIsRefused() throws IOException {
		write("untitled", "text");
		assertThatIllegalStateException().isThrownBy(() -> Navigation.of(this.pages)).withMessageContaining("untitled");
	}

	private void write(String name, String text) throws IOException {
		Files.writeString(this.pages.resolve(name + ".adoc"), text);
	}

}
