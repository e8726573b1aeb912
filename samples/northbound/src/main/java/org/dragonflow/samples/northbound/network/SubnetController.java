package org.dragonflow.samples.northbound.network;

import java.util.List;

import jakarta.validation.Valid;
import org.dragonflow.samples.northbound.Ids;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/networks/{networkId}/subnets")
class SubnetController {

	private final SubnetService subnets;

	SubnetController(SubnetService subnets) {
		this.subnets = subnets;
	}

	@GetMapping
	List<Subnet> list(@PathVariable String networkId) {
		return this.subnets.list(networkId);
	}

	@GetMapping("/{subnetId}")
	Subnet find(@PathVariable String networkId, @PathVariable String subnetId) {
		return this.subnets.find(networkId, subnetId);
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Subnet create(@PathVariable String networkId, @Valid @RequestBody SubnetRequest request) {
		return this.subnets.create(networkId, Ids.newId(request.id()), request);
	}

	@DeleteMapping("/{subnetId}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable String networkId, @PathVariable String subnetId) {
		this.subnets.delete(networkId, subnetId);
	}

}
