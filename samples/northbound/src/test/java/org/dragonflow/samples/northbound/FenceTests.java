package org.dragonflow.samples.northbound;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Each change of what has been changed under a later hold is refused.
 */
@NorthboundTest
class FenceTests {

	private static final String NAMED = "{\"projectId\": \"p\", \"name\": \"renamed\"}";

	private final Api api;

	private final JdbcClient jdbc;

	private final Fence fence;

	@Autowired
	FenceTests(@LocalServerPort int port, JdbcClient jdbc, Fence fence) {
		this.api = new Api(port);
		this.jdbc = jdbc;
		this.fence = fence;
	}

	@BeforeEach
	void clear() {
		for (String table : new String[] { "networks", "subnets", "ports", "routers", "security_groups",
				"security_group_rules" }) {
			this.jdbc.sql("delete from " + table).update();
		}
	}

	@Test
	void aNetworksFenceGuardsItsSubnetsAndPortsToo() {
		this.api.createNetwork("net");
		this.api.post("/networks/net/subnets", "{\"id\": \"sub\", \"cidr\": \"10.0.1.0/24\"}")
			.expectStatus()
			.isCreated();
		this.api.post("/networks/net/ports", "{\"id\": \"port\", \"name\": \"x\"}").expectStatus().isCreated();
		laterHoldWasHere("networks");
		expectRefused("net", this.api.put("/networks/net", NAMED));
		expectRefused("net", this.api.post("/networks/net/rebuild", ""));
		expectRefused("net", this.api.delete("/networks/net"));
		expectRefused("net", this.api.post("/networks/net/subnets", "{\"cidr\": \"10.0.2.0/24\"}"));
		expectRefused("net", this.api.delete("/networks/net/subnets/sub"));
		expectRefused("net", this.api.post("/networks/net/ports", "{\"name\": \"x\"}"));
		expectRefused("net", this.api.put("/networks/net/ports/port", "{\"name\": \"renamed\"}"));
		expectRefused("net", this.api.delete("/networks/net/ports/port"));
		this.api.get("/networks/net").expectBody().json("{\"name\": \"n\", \"revision\": 3}");
		this.api.get("/networks/net/subnets").expectBody().jsonPath("$.length()").isEqualTo(2);
		this.api.get("/networks/net/ports").expectBody().json("[{\"name\": \"x\"}]");
	}

	@Test
	void aRoutersFenceGuardsIt() {
		this.api.post("/routers", "{\"id\": \"router\", \"projectId\": \"p\", \"name\": \"r\"}")
			.expectStatus()
			.isCreated();
		laterHoldWasHere("routers");
		expectRefused("router", this.api.put("/routers/router", NAMED));
		expectRefused("router", this.api.delete("/routers/router"));
		this.api.get("/routers/router").expectBody().json("{\"name\": \"r\"}");
	}

	@Test
	void aSecurityGroupsFenceGuardsItsRulesToo() {
		this.api.post("/security-groups", "{\"id\": \"group\", \"projectId\": \"p\", \"name\": \"g\"}")
			.expectStatus()
			.isCreated();
		String rule = "{\"id\": \"rule\", \"direction\": \"ingress\", \"protocol\": \"tcp\", \"port\": %d}";
		this.api.post("/security-groups/group/rules", rule.formatted(443)).expectStatus().isCreated();
		laterHoldWasHere("security_groups");
		expectRefused("group", this.api.put("/security-groups/group", NAMED));
		expectRefused("group", this.api.delete("/security-groups/group"));
		expectRefused("group", this.api.post("/security-groups/group/rules", rule.formatted(80)));
		expectRefused("group", this.api.delete("/security-groups/group/rules/rule"));
		this.api.get("/security-groups/group").expectBody().json("{\"name\": \"g\", \"rules\": [{\"port\": 443}]}");
	}

	@Test
	void aMethodThatHasNotLockedCannotWrite() {
		this.api.createNetwork("net");
		assertThatIllegalStateException().as("A write without a lock")
			.isThrownBy(() -> this.fence.raise("networks", "net"))
			.withMessageContaining("has not locked it");
		assertThat(this.jdbc.sql("select fence from networks").query(Long.class).single())
			.as("The fence of a network that was created under its lock")
			.isPositive();
	}

	private void laterHoldWasHere(String table) {
		this.jdbc.sql("update " + table + " set fence = ?").param(Long.MAX_VALUE).update();
	}

	private static void expectRefused(String objectId, ResponseSpec response) {
		Api.expectProblem(response, HttpStatus.CONFLICT, "Nothing was changed: the lock on '" + objectId
				+ "' was lost, and another has changed it since. Read it again before you repeat the change.");
	}

}
