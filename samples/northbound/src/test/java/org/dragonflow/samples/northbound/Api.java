package org.dragonflow.samples.northbound;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

/**
 * Calls the service.
 */
final class Api {

	private final RestTestClient client;

	Api(int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	ResponseSpec get(String path) {
		return this.client.get().uri(path).exchange();
	}

	ResponseSpec post(String path, String body) {
		return this.client.post().uri(path).contentType(MediaType.APPLICATION_JSON).body(body).exchange();
	}

	ResponseSpec put(String path, String body) {
		return this.client.put().uri(path).contentType(MediaType.APPLICATION_JSON).body(body).exchange();
	}

	ResponseSpec delete(String path) {
		return this.client.delete().uri(path).exchange();
	}

	/**
	 * Creates a network with a subnet of 253 addresses for ports.
	 * @param id the network's id
	 */
	void createNetwork(String id) {
		post("/networks", "{'id': '%s', 'projectId': 'p', 'name': 'n'}".replace('\'', '"').formatted(id)).expectStatus()
			.isCreated();
		post("/networks/" + id + "/subnets", "{\"cidr\": \"10.0.0.0/24\"}").expectStatus().isCreated();
	}

	static void expectProblem(ResponseSpec response, HttpStatus status, String detail) {
		response.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo(status.value())
			.jsonPath("$.detail")
			.isEqualTo(detail);
	}

}
