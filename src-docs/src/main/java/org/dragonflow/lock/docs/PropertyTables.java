package org.dragonflow.lock.docs;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.configurationmetadata.ConfigurationMetadataProperty;
import org.springframework.boot.configurationmetadata.ConfigurationMetadataRepositoryJsonBuilder;
import org.springframework.boot.configurationmetadata.Deprecation;
import org.springframework.boot.configurationmetadata.ValueHint;

/**
 * Tables of all properties of the library, by the metadata that it brings for editors.
 */
final class PropertyTables {

	private static final String PREFIX = "dragonflow.lock.";

	private final Collection<ConfigurationMetadataProperty> properties;

	private PropertyTables(Collection<ConfigurationMetadataProperty> properties) {
		this.properties = properties;
	}

	static PropertyTables ofClassPath() throws IOException {
		ClassLoader classLoader = PropertyTables.class.getClassLoader();
		return of(
				List.copyOf(Collections.list(classLoader.getResources("META-INF/spring-configuration-metadata.json"))));
	}

	/**
	 * Reads metadata.
	 * @param files where they are; those that name no property of the library do no harm
	 * @return the tables
	 * @throws IOException if a file cannot be read
	 * @throws IllegalStateException if the library's properties are in none of them, or
	 * one is without a description
	 */
	static PropertyTables of(List<URL> files) throws IOException {
		ConfigurationMetadataRepositoryJsonBuilder builder = ConfigurationMetadataRepositoryJsonBuilder.create();
		for (URL file : files) {
			try (InputStream json = file.openStream()) {
				builder.withJsonResource(json);
			}
		}
		List<ConfigurationMetadataProperty> properties = builder.build()
			.getAllProperties()
			.values()
			.stream()
			.filter((property) -> property.getId().startsWith(PREFIX))
			.toList();
		if (properties.isEmpty()) {
			throw new IllegalStateException("No properties " + PREFIX + "* in the metadata of " + files);
		}
		for (ConfigurationMetadataProperty property : properties) {
			if (property.getDescription() == null) {
				throw new IllegalStateException(property.getId() + " has no description");
			}
		}
		return new PropertyTables(properties);
	}

	Set<String> names() {
		return this.properties.stream().map(ConfigurationMetadataProperty::getId).collect(Collectors.toSet());
	}

	/**
	 * One table for what holds on any store, then one for each driver.
	 */
	String toAsciidoc() {
		Map<String, List<ConfigurationMetadataProperty>> byDriver = this.properties.stream()
			.collect(Collectors.groupingBy(PropertyTables::section, TreeMap::new, Collectors.toList()));
		StringBuilder text = new StringBuilder();
		byDriver.forEach((section, properties) -> append(text, section, properties));
		return text.toString();
	}

	private static String section(ConfigurationMetadataProperty property) {
		String name = property.getId().substring(PREFIX.length());
		int dot = name.indexOf('.');
		// A part of the general properties, not a driver.
		return (dot < 0 || name.startsWith("hand-over.")) ? "" : name.substring(0, dot);
	}

	private static void append(StringBuilder text, String section, List<ConfigurationMetadataProperty> properties) {
		text.append("== ").append(section.isEmpty() ? "On any store" : "`" + PREFIX + section + ".*`").append("\n\n");
		text.append("[cols=\"3,2,5\"]\n|===\n| Property | Default | Meaning\n\n");
		properties.stream().sorted((left, right) -> left.getId().compareTo(right.getId())).forEach((property) -> {
			text.append("| `").append(property.getId()).append("`\n");
			text.append("| ").append(defaultValue(property.getDefaultValue())).append('\n');
			text.append("| ").append(meaning(property)).append("\n\n");
		});
		text.append("|===\n\n");
	}

	private static String defaultValue(@Nullable Object value) {
		if (value instanceof Object[] values) {
			return (values.length > 0) ? literal(List.of(values).toString()) : "none";
		}
		return (value != null && !value.toString().isEmpty()) ? literal(value.toString()) : "none";
	}

	private static String meaning(ConfigurationMetadataProperty property) {
		StringBuilder text = new StringBuilder();
		Deprecation deprecation = property.getDeprecation();
		if (deprecation != null) {
			text.append("*Deprecated.* ");
			if (deprecation.getReplacement() != null) {
				text.append("Use `").append(deprecation.getReplacement()).append("`. ");
			}
		}
		text.append(plain(property.getDescription()));
		List<ValueHint> hints = property.getHints().getValueHints();
		for (ValueHint hint : hints) {
			text.append(" +\n`").append(hint.getValue()).append('`');
			if (hint.getDescription() != null) {
				text.append(": ").append(plain(hint.getDescription()));
			}
		}
		return text.toString();
	}

	private static String literal(String text) {
		return "`+" + escape(text) + "+`";
	}

	// What the metadata says is text, whatever it would mean to Asciidoctor.
	private static String plain(String text) {
		return "pass:c[" + escape(text).replace("]", "\\]") + "]";
	}

	private static String escape(String text) {
		return text.replace("|", "\\|");
	}

}
