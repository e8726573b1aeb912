package org.dragonflow.samples.northbound.securitygroup;

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
@RequestMapping("/security-groups")
class SecurityGroupController {

	private final SecurityGroupService groups;

	SecurityGroupController(SecurityGroupService groups) {
		this.groups = groups;
	}

	@GetMapping
	List<SecurityGroup> list() {
		return this.groups.list();
	}

	@GetMapping("/{groupId}")
	SecurityGroup find(@PathVariable String groupId) {
		return this.groups.find(groupId);
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	SecurityGroup create(@Valid @RequestBody SecurityGroupRequest request) {
		return this.groups.create(Ids.newId(request.id()), request);
	}

	@PutMapping("/{groupId}")
	SecurityGroup update(@PathVariable String groupId, @Valid @RequestBody SecurityGroupRequest request) {
		return this.groups.update(groupId, request);
	}

	@DeleteMapping("/{groupId}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable String groupId) {
		this.groups.delete(groupId);
	}

	@PostMapping("/{groupId}/rules")
	@ResponseStatus(HttpStatus.CREATED)
	SecurityGroupRule addRule(@PathVariable String groupId, @Valid @RequestBody SecurityGroupRuleRequest request) {
		return this.groups.addRule(groupId, Ids.newId(request.id()), request);
	}

	@DeleteMapping("/{groupId}/rules/{ruleId}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void deleteRule(@PathVariable String groupId, @PathVariable String ruleId) {
		this.groups.deleteRule(groupId, ruleId);
	}

}
