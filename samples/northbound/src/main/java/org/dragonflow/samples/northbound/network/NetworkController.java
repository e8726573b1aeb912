package org.dragonflow.samples.northbound.network;

import java.util.List;

import jakarta.validation.Valid;
import org.dragonflow.samples.northbound.Ids;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/networks")
class NetworkController {

	private final NetworkService networks;

	NetworkController(NetworkService networks) {
		this.networks = networks;
	}

	@GetMapping
	List<Network> list() {
		return this.networks.list();
	}

	@GetMapping("/{networkId}")
	Network find(@PathVariable String networkId) {
		return this.networks.find(networkId);
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Network create(@Valid @RequestBody NetworkRequest request) {
		return this.networks.create(Ids.newId(request.id()), request);
	}

	@PutMapping("/{networkId}")
	Network update(@PathVariable String networkId, @Valid @RequestBody NetworkRequest request) {
		return this.networks.update(networkId, request);
	}

	@DeleteMapping("/{networkId}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable String networkId) {
		this.networks.delete(networkId);
	}

	@PostMapping("/{networkId}/rebuild")
	Network rebuild(@PathVariable String networkId) {
		return this.networks.rebuild(networkId);
	}

}
