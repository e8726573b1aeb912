package org.dragonflow.samples.northbound.network;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/networks/{networkId}/maintenance")
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
class MaintenanceController {

	private final MaintenanceService maintenance;

	MaintenanceController(MaintenanceService maintenance) {
		this.maintenance = maintenance;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	MaintenanceService.Maintenance begin(@PathVariable String networkId) throws InterruptedException {
		return this.maintenance.begin(networkId);
	}

	@DeleteMapping
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void end(@PathVariable String networkId) {
		this.maintenance.end(networkId);
	}

}
