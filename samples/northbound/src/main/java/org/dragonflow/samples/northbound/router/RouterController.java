package org.dragonflow.samples.northbound.router;

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
@RequestMapping("/routers")
class RouterController {

	private final RouterService routers;

	RouterController(RouterService routers) {
		this.routers = routers;
	}

	@GetMapping
	List<Router> list() {
		return this.routers.list();
	}

	@GetMapping("/{routerId}")
	Router find(@PathVariable String routerId) {
		return this.routers.find(routerId);
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Router create(@Valid @RequestBody RouterRequest request) {
		return this.routers.create(Ids.newId(request.id()), request);
	}

	@PutMapping("/{routerId}")
	Router update(@PathVariable String routerId, @Valid @RequestBody RouterRequest request) {
		return this.routers.update(routerId, request);
	}

	@DeleteMapping("/{routerId}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable String routerId) {
		this.routers.delete(routerId);
	}

}
