package org.dragonflow.samples.northbound;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * The service as the demonstration runs it without the lock: nothing has a token.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.url=jdbc:h2:mem:${random.uuid}", "dragonflow.lock.enabled=false" })
class UnlockedTests {

	private final Api api;

	UnlockedTests(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@Test
	void everythingCanBeChanged() {
		this.api.createNetwork("net");
		this.api.post("/networks/net/ports", "{\"id\": \"port\", \"name\": \"x\"}").expectStatus().isCreated();
		this.api.put("/networks/net/ports/port", "{\"name\": \"y\"}").expectStatus().isOk();
		this.api.put("/networks/net", "{\"projectId\": \"p\", \"name\": \"m\"}").expectStatus().isOk();
		this.api.delete("/networks/net/ports/port").expectStatus().isNoContent();
		this.api.delete("/networks/net").expectStatus().isNoContent();
	}

}
