package org.dragonflow.lock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an editor knows about the properties.
 */
class ConfigurationMetadataTests {

	private static final String METADATA = "/META-INF/spring-configuration-metadata.json";

	private final DocumentContext metadata = read();

	@Test
	void everyPropertyIsDescribed() {
		List<Map<String, Object>> properties = this.metadata.read("$.properties[?(@.name =~ /dragonflow.lock.*/)]");
		assertThat(properties).hasSizeGreaterThanOrEqualTo(6)
			.allSatisfy((property) -> assertThat(property.get("description")).as(String.valueOf(property.get("name")))
				.asString()
				.endsWith("."));
	}

	@Test
	void theFixedNamesAreThere() {
		List<String> names = this.metadata.read("$.properties[*].name");
		assertThat(names).contains("dragonflow.lock.driver", "dragonflow.lock.enabled", "dragonflow.lock.namespace",
				"dragonflow.lock.lease", "dragonflow.lock.wait", "dragonflow.lock.max-hold");
	}

	@Test
	void eachDriverIsProposedAndAnyOtherNameIsAllowed() {
		String hint = "$.hints[?(@.name == 'dragonflow.lock.driver')]";
		List<String> values = this.metadata.read(hint + ".values[*].value");
		List<String> providers = this.metadata.read(hint + ".providers[*].name");
		assertThat(values).containsExactlyElementsOf(KnownDriver.ALL.stream().map(KnownDriver::name).toList());
		assertThat(providers).containsExactly("any");
	}

	private static DocumentContext read() {
		try (InputStream stream = ConfigurationMetadataTests.class.getResourceAsStream(METADATA)) {
			assertThat(stream).as(METADATA).isNotNull();
			return JsonPath.parse((stream != null) ? new String(stream.readAllBytes(), StandardCharsets.UTF_8) : "");
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
