package org.dragonflow.lock.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.FileSystemResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the pages show of code and settings is taken from files that are compiled and
 * tried.
 */
class SnippetsTests {

	private static final Pattern SOURCE = Pattern
		.compile("\\[source,(java|yaml|sql|json)[^\\]]*\\]\\n----\\n(.*?)\\n----", Pattern.DOTALL);

	static Stream<Path> pages() throws IOException {
		return files(Path.of("src/docs/asciidoc"), ".adoc");
	}

	static Stream<Path> settings() throws IOException {
		return Stream.concat(files(Path.of("src/test/resources/drivers"), ".yml"),
				files(Path.of("src/test/resources/quick-start"), ".yml"));
	}

	@ParameterizedTest
	@MethodSource("pages")
	void aPageIncludesWhatItShows(Path page) throws IOException {
		assertThat(SOURCE.matcher(Files.readString(page)).results().map((found) -> found.group(2)))
			.as("What %s shows", page)
			.allSatisfy((shown) -> assertThat(shown.lines().filter((line) -> !line.isBlank()))
				.allMatch((line) -> line.startsWith("include::")));
	}

	@Test
	void anInventedSnippetIsFound() {
		assertThat(SOURCE.matcher("[source,java,indent=0]\n----\nint a;\n----\n").results().map(MatchResult::group))
			.hasSize(1);
	}

	@ParameterizedTest
	@MethodSource("settings")
	void settingsHaveTheNamesOfProperties(Path file) throws IOException {
		Set<String> known = PropertyTables.ofClassPath().names();
		List<String> names = new YamlPropertySourceLoader().load(file.toString(), new FileSystemResource(file))
			.stream()
			.flatMap((source) -> Stream.of(((EnumerablePropertySource<?>) source).getPropertyNames()))
			.toList();
		assertThat(names).as("The properties in %s", file).isNotEmpty().isSubsetOf(known);
	}

	private static Stream<Path> files(Path directory, String suffix) throws IOException {
		try (Stream<Path> files = Files.walk(directory)) {
			return files.filter((file) -> file.toString().endsWith(suffix)).toList().stream();
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
	}

}
