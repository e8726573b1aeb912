package org.dragonflow.samples.northbound.securitygroup;

import java.util.List;

import org.dragonflow.samples.northbound.NotFoundException;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Reads and writes security groups and their rules.
 */
@Repository
class SecurityGroupStore {

	private final JdbcClient jdbc;

	SecurityGroupStore(JdbcClient jdbc) {
		this.jdbc = jdbc;
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

	void insert(SecurityGroup group) {
		this.jdbc.sql("insert into security_groups (id, project_id, name) values (?, ?, ?)")
			.params(group.id(), group.projectId(), group.name())
			.update();
	}

	void rename(String id, String name) {
		this.jdbc.sql("update security_groups set name = ? where id = ?").params(name, id).update();
	}

	void delete(String id) {
		this.jdbc.sql("delete from security_group_rules where group_id = ?").param(id).update();
		this.jdbc.sql("delete from security_groups where id = ?").param(id).update();
	}

	void insert(SecurityGroupRule rule) {
		this.jdbc
			.sql("insert into security_group_rules (id, group_id, direction, protocol, port) values (?, ?, ?, ?, ?)")
			.params(rule.id(), rule.groupId(), rule.direction(), rule.protocol(), rule.port())
			.update();
	}

	int deleteRule(String groupId, String ruleId) {
		return this.jdbc.sql("delete from security_group_rules where group_id = ? and id = ?")
			.params(groupId, ruleId)
			.update();
	}

	private List<SecurityGroupRule> rules(String groupId) {
		return this.jdbc.sql("select * from security_group_rules where group_id = ? order by direction, protocol, port")
			.param(groupId)
			.query(SecurityGroupRule.class)
			.list();
	}

}
