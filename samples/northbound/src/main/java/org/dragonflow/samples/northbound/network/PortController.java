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
@RequestMapping("/networks/{networkId}/ports")
class PortController {

	private final PortService ports;

	PortController(PortService ports) {
		this.ports = ports;
	}

	@GetMapping
	List<Port> list(@PathVariable String networkId) {
		return this.ports.list(networkId);
	}

	@GetMapping("/{portId}")
	Port find(@PathVariable String networkId, @PathVariable String portId) {
		return this.ports.find(networkId, portId);
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Port create(@PathVariable String networkId, @Valid @RequestBody PortRequest request) {
		return this.ports.create(networkId, Ids.newId(request.id()), request);
	}

	@PutMapping("/{portId}")
	Port update(@PathVariable String networkId, @PathVariable String portId, @Valid @RequestBody PortRequest request) {
		return this.ports.update(networkId, portId, request);
	}

	@DeleteMapping("/{portId}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable String networkId, @PathVariable String portId) {
		this.ports.delete(networkId, portId);
	}

}
