package org.dragonflow.samples.northbound.securitygroup;

import java.util.List;

import org.dragonflow.samples.northbound.Fence;
import org.dragonflow.samples.northbound.NotFoundException;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads and writes security groups and their rules. The {@link Fence} of the group's row
 * guards the rules, too.
 */
@Repository
class SecurityGroupStore {

	private final JdbcClient jdbc;

	private final Fence fence;

	SecurityGroupStore(JdbcClient jdbc, Fence fence) {
		this.jdbc = jdbc;
		this.fence = fence;
	}

	List<String> groupIds() {
		return this.jdbc.sql("select id from security_groups order by name, id").query(String.class).list();
	}

	SecurityGroup group(String id) {
		return this.jdbc.sql("select * from security_groups where id = ?")
			.param(id)
			.query((row, index) -> new SecurityGroup(id, row.getString("project_id"), row.getString("name"), rules(id)))
			.optional()
			.orElseThrow(() -> new NotFoundException("security group", id));
	}

	/**
	 * Reads a group that the calling thread has locked, in order to change it: earlier
	 * holders cannot any more.
	 * @param id the group
	 * @return the group as it is
	 */
	SecurityGroup claim(String id) {
		int rows = this.fence.raise("security_groups", id);
		SecurityGroup group = group(id);
		Fence.check(rows, id);
		return group;
	}

	void insert(SecurityGroup group) {
		this.jdbc.sql("insert into security_groups (id, project_id, name, fence) values (?, ?, ?, ?)")
			.params(group.id(), group.projectId(), group.name(), this.fence.token(group.id()))
			.update();
	}

	void rename(String id, String name) {
		int rows = this.jdbc
			.sql("update security_groups set name = :name, fence = :token where id = :id and fence <= :token")
			.param("name", name)
			.param("id", id)
			.param("token", this.fence.token(id))
			.update();
		Fence.check(rows, id);
	}

	@Transactional
	void delete(String id) {
		int rows = this.jdbc.sql("delete from security_groups where id = :id and fence <= :token")
			.param("id", id)
			.param("token", this.fence.token(id))
			.update();
		Fence.check(rows, id);
		this.jdbc.sql("delete from security_group_rules where group_id = ?").param(id).update();
	}

	@Transactional
	void insert(SecurityGroupRule rule) {
		passFence(rule.groupId());
		this.jdbc
			.sql("insert into security_group_rules (id, group_id, direction, protocol, port) values (?, ?, ?, ?, ?)")
			.params(rule.id(), rule.groupId(), rule.direction(), rule.protocol(), rule.port())
			.update();
	}

	@Transactional
	int deleteRule(String groupId, String ruleId) {
		passFence(groupId);
		return this.jdbc.sql("delete from security_group_rules where group_id = ? and id = ?")
			.params(groupId, ruleId)
			.update();
	}

	/**
	 * The group stays as it is, but its row has to let a change of its rules through.
	 */
	private void passFence(String groupId) {
		Fence.check(this.fence.raise("security_groups", groupId), groupId);
	}

	private List<SecurityGroupRule> rules(String groupId) {
		return this.jdbc.sql("select * from security_group_rules where group_id = ? order by direction, protocol, port")
			.param(groupId)
			.query(SecurityGroupRule.class)
			.list();
	}

}
