package org.dragonflow.lock.docs;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Each property of the library comes into a table, and nothing of it changes the table.
 */
class PropertyTablesTests {

	@TempDir
	Path directory = Path.of("");

	@Test
	void allPropertiesOfTheLibraryAreThere() throws IOException {
		assertThat(PropertyTables.ofClassPath().toAsciidoc())
			.containsSubsequence("== On any store", "`dragonflow.lock.driver`", "`dragonflow.lock.hand-over.max-time`",
					"`dragonflow.lock.lease`\n| `+30s+`", "== `dragonflow.lock.jdbc.*`",
					"`dragonflow.lock.jdbc.timeout`\n| `+5s+`")
			.doesNotContain("spring.datasource");
	}

	@Test
	void charactersThatMeanSomethingToAsciidoctorAreText() throws IOException {
		URL metadata = write("""
				{"properties": [{"name": "dragonflow.lock.x.y", "type": "java.lang.String",
				  "description": "One [of] a|b.", "defaultValue": ["a|b", "c"]}]}""");
		assertThat(PropertyTables.of(List.of(metadata)).toAsciidoc()).contains("pass:c[One [of\\] a\\|b.]",
				"`+[a\\|b, c]+`");
	}

	@Test
	void aPropertyWithoutADescriptionIsRefused() throws IOException {
		URL metadata = write("{\"properties\": [{\"name\": \"dragonflow.lock.x.y\", \"type\": \"java.lang.String\"}]}");
		assertThatIllegalStateException().isThrownBy(() -> PropertyTables.of(List.of(metadata)))
			.withMessageContaining("dragonflow.lock.x.y");
	}

	@Test
	void metadataWithoutTheLibraryIsRefused() throws IOException {
		URL metadata = write("{\"properties\": []}");
		assertThatIllegalStateException().isThrownBy(() -> PropertyTables.of(List.of(metadata)));
	}

	private URL write(String json) throws IOException {
		return Files.writeString(this.directory.resolve("metadata.json"), json).toUri().toURL();
	}

}
