package org.dragonflow.samples.northbound.network;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import org.dragonflow.samples.northbound.NotFoundException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Reads and writes networks, subnets and ports. It locks nothing: whoever changes
 * something here does so from a method that is {@link NetworkLocked}.
 */
@Repository
class NetworkStore {

	private static final TypeReference<Map<String, String>> ALLOCATIONS = new TypeReference<>() {
	};

	private final JdbcClient jdbc;

	private final JsonMapper json;

	NetworkStore(JdbcClient jdbc, JsonMapper json) {
		this.jdbc = jdbc;
		this.json = json;
	}

	List<Network> networks() {
		return this.jdbc.sql("select * from networks order by name, id").query(this::read).list();
	}

	Network network(String id) {
		return this.jdbc.sql("select * from networks where id = ?")
			.param(id)
			.query(this::read)
			.optional()
			.orElseThrow(() -> new NotFoundException("network", id));
	}

	void insert(Network network) {
		this.jdbc.sql("insert into networks (id, project_id, name, revision, allocations) values (?, ?, ?, ?, ?)")
			.params(network.id(), network.projectId(), network.name(), network.revision(),
					this.json.writeValueAsString(network.allocations()))
			.update();
	}

	/**
	 * Writes the whole network, as one does with a document: a change that was made since
	 * it was read is lost.
	 * @param changed what to write
	 * @return what was written
	 */
	Network update(Network changed) {
		Network network = changed.withNextRevision();
		this.jdbc.sql("update networks set name = ?, revision = ?, allocations = ? where id = ?")
			.params(network.name(), network.revision(), this.json.writeValueAsString(network.allocations()),
					network.id())
			.update();
		return network;
	}

	void deleteNetwork(String id) {
		this.jdbc.sql("delete from networks where id = ?").param(id).update();
	}

	List<Subnet> subnets(String networkId) {
		return this.jdbc.sql("select * from subnets where network_id = ? order by cidr")
			.param(networkId)
			.query(Subnet.class)
			.list();
	}

	Subnet subnet(String networkId, String id) {
		return this.jdbc.sql("select * from subnets where network_id = ? and id = ?")
			.params(networkId, id)
			.query(Subnet.class)
			.optional()
			.orElseThrow(() -> new NotFoundException("subnet", id));
	}

	void insert(Subnet subnet) {
		this.jdbc.sql("insert into subnets (id, network_id, cidr) values (?, ?, ?)")
			.params(subnet.id(), subnet.networkId(), subnet.cidr())
			.update();
	}

	void deleteSubnet(String id) {
		this.jdbc.sql("delete from subnets where id = ?").param(id).update();
	}

	List<Port> ports(String networkId) {
		return this.jdbc.sql("select * from ports where network_id = ? order by id")
			.param(networkId)
			.query(Port.class)
			.list();
	}

	Port port(String networkId, String id) {
		return this.jdbc.sql("select * from ports where network_id = ? and id = ?")
			.params(networkId, id)
			.query(Port.class)
			.optional()
			.orElseThrow(() -> new NotFoundException("port", id));
	}

	void insert(Port port) {
		this.jdbc.sql("insert into ports (id, network_id, name, address) values (?, ?, ?, ?)")
			.params(port.id(), port.networkId(), port.name(), port.address())
			.update();
	}

	void update(Port port) {
		this.jdbc.sql("update ports set name = ? where id = ?").params(port.name(), port.id()).update();
	}

	void deletePort(String id) {
		this.jdbc.sql("delete from ports where id = ?").param(id).update();
	}

	private Network read(ResultSet row, int index) throws SQLException {
		return new Network(row.getString("id"), row.getString("project_id"), row.getString("name"),
				row.getLong("revision"), this.json.readValue(row.getString("allocations"), ALLOCATIONS));
	}

}
