package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls one instance of the service, as any client would.
 */
final class Northbound {

	private static final JsonMapper json = new JsonMapper();

	private final HttpClient client;

	private final URI base;

	Northbound(HttpClient client, URI base) {
		this.client = client;
		this.base = base;
	}

	URI base() {
		return this.base;
	}

	/**
	 * Where the instance shows what it holds and waits for.
	 */
	URI console() {
		return this.base.resolve("/actuator/lockconsole");
	}

	JsonNode get(String path) throws IOException, InterruptedException {
		return call("GET", path, "");
	}

	JsonNode post(String path, String body) throws IOException, InterruptedException {
		return call("POST", path, body);
	}

	JsonNode put(String path, String body) throws IOException, InterruptedException {
		return call("PUT", path, body);
	}

	void delete(String path) throws IOException, InterruptedException {
		call("DELETE", path, "");
	}

	private JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(this.base.resolve(path))
			.method(method, BodyPublishers.ofString(body))
			.header("Content-Type", "application/json")
			.timeout(Duration.ofSeconds(60))
			.build();
		HttpResponse<String> response = this.client.send(request, BodyHandlers.ofString());
		if (response.statusCode() / 100 != 2) {
			throw new IOException(method + " " + path + ": " + response.statusCode() + " " + response.body());
		}
		return json.readTree(response.body());
	}

}
