package org.dragonflow.samples.northbound.securitygroup;

import java.util.List;

import org.dragonflow.lock.NbLocked;
import org.dragonflow.samples.northbound.ConflictException;
import org.dragonflow.samples.northbound.NotFoundException;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Security groups. All changes of a group and of its rules lock the group: a rule is
 * added only where no other rule of the group says the same.
 */
@Service
class SecurityGroupService {

	private final SecurityGroupStore store;

	SecurityGroupService(SecurityGroupStore store) {
		this.store = store;
	}

	@Transactional(readOnly = true)
	public List<SecurityGroup> list() {
		return this.store.groupIds().stream().map(this.store::group).toList();
	}

	@Transactional(readOnly = true)
	public SecurityGroup find(String groupId) {
		return this.store.group(groupId);
	}

	@NbLocked("#groupId")
	public SecurityGroup create(String groupId, SecurityGroupRequest request) {
		SecurityGroup group = new SecurityGroup(groupId, request.projectId(), request.name(), List.of());
		this.store.insert(group);
		return group;
	}

	@NbLocked("#groupId")
	public SecurityGroup update(String groupId, SecurityGroupRequest request) {
		this.store.rename(this.store.claim(groupId).id(), request.name());
		return this.store.group(groupId);
	}

	@NbLocked("#groupId")
	public void delete(String groupId) {
		this.store.delete(this.store.claim(groupId).id());
	}

	@NbLocked("#groupId")
	public SecurityGroupRule addRule(String groupId, String ruleId, SecurityGroupRuleRequest request) {
		SecurityGroupRule rule = new SecurityGroupRule(ruleId, groupId, request.direction(), request.protocol(),
				request.port());
		for (SecurityGroupRule other : this.store.claim(groupId).rules()) {
			if (rule.allowsTheSameAs(other)) {
				throw new ConflictException(
						"The rule '" + other.id() + "' of the security group '" + groupId + "' says the same");
			}
		}
		this.store.insert(rule);
		return rule;
	}

	@NbLocked("#groupId")
	public void deleteRule(String groupId, String ruleId) {
		this.store.claim(groupId);
		if (this.store.deleteRule(groupId, ruleId) == 0) {
			throw new NotFoundException("rule of the security group '" + groupId + "'", ruleId);
		}
	}

}
