package org.dragonflow.samples.northbound;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpStatus;

@NorthboundTest
class NorthboundApiTests {

	private final Api api;

	NorthboundApiTests(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@Test
	void aPortGetsTheLowestFreeAddressOfItsNetwork() {
		this.api.createNetwork("net-ports");
		for (int port = 1; port <= 3; port++) {
			this.api.post("/networks/net-ports/ports", "{\"id\": \"port-%d\", \"name\": \"x\"}".formatted(port))
				.expectStatus()
				.isCreated()
				.expectBody()
				.jsonPath("$.address")
				.isEqualTo("10.0.0." + (port + 1));
		}
		this.api.delete("/networks/net-ports/ports/port-2").expectStatus().isNoContent();
		this.api.post("/networks/net-ports/ports", "{\"id\": \"port-4\", \"name\": \"x\"}")
			.expectBody()
			.jsonPath("$.address")
			.isEqualTo("10.0.0.3");
		this.api.put("/networks/net-ports/ports/port-4", "{\"name\": \"renamed\"}").expectStatus().isOk();
		this.api.get("/networks/net-ports/ports/port-4").expectBody().jsonPath("$.name").isEqualTo("renamed");
		this.api.get("/networks/net-ports").expectBody().json("""
				{"revision": 6,
				 "allocations": {"10.0.0.2": "port-1", "10.0.0.3": "port-4", "10.0.0.4": "port-3"}}""");
	}

	@Test
	void aNetworkInUseCannotBeDeleted() {
		this.api.createNetwork("net-used");
		this.api.post("/networks/net-used/ports", "{\"id\": \"port-used\", \"name\": \"x\"}")
			.expectStatus()
			.isCreated();
		Api.expectProblem(this.api.delete("/networks/net-used"), HttpStatus.CONFLICT,
				"The network 'net-used' has ports; delete them first");
		this.api.delete("/networks/net-used/ports/port-used").expectStatus().isNoContent();
		this.api.delete("/networks/net-used").expectStatus().isNoContent();
		Api.expectProblem(this.api.get("/networks/net-used"), HttpStatus.NOT_FOUND, "There is no network 'net-used'");
	}

	@Test
	void subnetsOfANetworkDoNotOverlap() {
		this.api.createNetwork("net-subnets");
		this.api.post("/networks/net-subnets/subnets", "{\"id\": \"subnet-2\", \"cidr\": \"10.0.1.0/24\"}")
			.expectStatus()
			.isCreated();
		Api.expectProblem(this.api.post("/networks/net-subnets/subnets", "{\"cidr\": \"10.0.1.128/25\"}"),
				HttpStatus.CONFLICT,
				"The range 10.0.1.128/25 overlaps the subnet 'subnet-2' (10.0.1.0/24) of the same network");
		this.api.delete("/networks/net-subnets/subnets/subnet-2").expectStatus().isNoContent();
	}

	@Test
	void aProjectHasTenRoutersAtMost() {
		for (int router = 1; router <= 10; router++) {
			this.api
				.post("/routers", "{\"id\": \"router-%d\", \"projectId\": \"p\", \"name\": \"r\"}".formatted(router))
				.expectStatus()
				.isCreated();
		}
		Api.expectProblem(this.api.post("/routers", "{\"projectId\": \"p\", \"name\": \"r\"}"), HttpStatus.CONFLICT,
				"The project 'p' has 10 routers, and may not have more");
		this.api.put("/routers/router-1", "{\"projectId\": \"p\", \"name\": \"renamed\"}")
			.expectBody()
			.jsonPath("$.name")
			.isEqualTo("renamed");
		this.api.delete("/routers/router-1").expectStatus().isNoContent();
		this.api.post("/routers", "{\"projectId\": \"p\", \"name\": \"r\"}").expectStatus().isCreated();
	}

	@Test
	void aSecurityGroupHasEachRuleOnce() {
		this.api.post("/security-groups", "{\"id\": \"group-1\", \"projectId\": \"p\", \"name\": \"g\"}")
			.expectStatus()
			.isCreated();
		String rule = "{\"id\": \"rule-1\", \"direction\": \"ingress\", \"protocol\": \"tcp\", \"port\": 443}";
		this.api.post("/security-groups/group-1/rules", rule).expectStatus().isCreated();
		Api.expectProblem(this.api.post("/security-groups/group-1/rules", rule), HttpStatus.CONFLICT,
				"The rule 'rule-1' of the security group 'group-1' says the same");
		this.api.get("/security-groups/group-1").expectBody().jsonPath("$.rules.length()").isEqualTo(1);
		this.api.delete("/security-groups/group-1/rules/rule-1").expectStatus().isNoContent();
		this.api.delete("/security-groups/group-1").expectStatus().isNoContent();
	}

	@Test
	void aWrongRequestIsToldWhatIsWrong() {
		Api.expectProblem(this.api.post("/networks", "{\"projectId\": \"p\", \"name\": \"\"}"), HttpStatus.BAD_REQUEST,
				"name must not be blank");
		this.api.createNetwork("net-wrong");
		Api.expectProblem(this.api.post("/networks/net-wrong/subnets", "{\"cidr\": \"10.0.0.256/8\"}"),
				HttpStatus.BAD_REQUEST, "cidr must be a range such as 10.0.0.0/20");
		Api.expectProblem(this.api.post("/networks", "{\"id\": \"net-wrong\", \"projectId\": \"p\", \"name\": \"n\"}"),
				HttpStatus.CONFLICT, "There is an object with this id already.");
		Api.expectProblem(this.api.delete("/networks/net-wrong/ports/none"), HttpStatus.NOT_FOUND,
				"There is no port 'none'");
		this.api.post("/networks", "{").expectStatus().isBadRequest();
	}

	@Test
	void aRebuildIsRefusedWhileAnotherHoldsTheNetwork() {
		this.api.createNetwork("net-held");
		this.api.post("/networks/net-held/maintenance", "")
			.expectStatus()
			.isCreated()
			.expectBody()
			.jsonPath("$.fencingToken")
			.isNumber();
		Api.expectProblem(this.api.post("/networks/net-held/rebuild", ""), HttpStatus.LOCKED,
				"Another caller is changing 'net-held'. Try again later.");
		Api.expectProblem(this.api.post("/networks/net-held/maintenance", ""), HttpStatus.LOCKED,
				"Another caller is changing 'net-held'. Try again later.");
		this.api.delete("/networks/net-held/maintenance").expectStatus().isNoContent();
		this.api.post("/networks/net-held/rebuild", "").expectStatus().isOk();
		this.api.delete("/networks/net-held/maintenance").expectStatus().isNotFound();
	}

	@Test
	void theConsoleShowsWhatIsLocked() {
		this.api.createNetwork("net-shown");
		this.api.post("/networks/net-shown/maintenance", "").expectStatus().is2xxSuccessful();
		this.api.get("/actuator/lockconsole")
			.expectStatus()
			.isOk()
			.expectHeader()
			.contentTypeCompatibleWith("text/html");
		this.api.get("/actuator/lockconsole/report")
			.expectBody()
			.jsonPath("$.held[?(@.id == 'net-shown')].byHandle")
			.isEqualTo(true);
		this.api.delete("/networks/net-shown/maintenance").expectStatus().is2xxSuccessful();
	}

}
