package org.dragonflow.samples.northbound.network;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import org.dragonflow.samples.northbound.Fence;
import org.dragonflow.samples.northbound.NotFoundException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads and writes networks, subnets and ports. It locks nothing: whoever changes
 * something here does so from a method that is {@link NetworkLocked}, and {@link #claim
 * claims} the network before it decides what to write. The {@link Fence} of the network's
 * row guards its subnets and ports, too: what is written together is one transaction,
 * which begins with that row.
 */
@Repository
class NetworkStore {

	private static final TypeReference<Map<String, String>> ALLOCATIONS = new TypeReference<>() {
	};

	private final JdbcClient jdbc;

	private final JsonMapper json;

	private final Fence fence;

	NetworkStore(JdbcClient jdbc, JsonMapper json, Fence fence) {
		this.jdbc = jdbc;
		this.json = json;
		this.fence = fence;
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

	/**
	 * Reads a network that the calling thread has locked, in order to change it: earlier
	 * holders cannot any more.
	 * @param id the network
	 * @return the network as it is
	 */
	Network claim(String id) {
		int rows = this.fence.raise("networks", id);
		Network network = network(id);
		Fence.check(rows, id);
		return network;
	}

	void insert(Network network) {
		this.jdbc
			.sql("insert into networks (id, project_id, name, revision, allocations, fence) values (?, ?, ?, ?, ?, ?)")
			.params(network.id(), network.projectId(), network.name(), network.revision(),
					this.json.writeValueAsString(network.allocations()), this.fence.token(network.id()))
			.update();
	}

	/**
	 * Writes the whole network, as one does with a document: a change that was made since
	 * it was read is lost. The guard refuses those who have lost the lock.
	 * @param changed what to write
	 * @return what was written
	 */
	Network update(Network changed) {
		Network network = changed.withNextRevision();
		int rows = this.jdbc.sql("""
				update networks set name = :name, revision = :revision, allocations = :allocations, fence = :token
				where id = :id and fence <= :token""")
			.param("name", network.name())
			.param("revision", network.revision())
			.param("allocations", this.json.writeValueAsString(network.allocations()))
			.param("id", network.id())
			.param("token", this.fence.token(network.id()))
			.update();
		Fence.check(rows, network.id());
		return network;
	}

	@Transactional
	void delete(Network network) {
		int rows = this.jdbc.sql("delete from networks where id = :id and fence <= :token")
			.param("id", network.id())
			.param("token", this.fence.token(network.id()))
			.update();
		Fence.check(rows, network.id());
		this.jdbc.sql("delete from subnets where network_id = ?").param(network.id()).update();
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

	@Transactional
	void insert(Subnet subnet, Network network) {
		update(network);
		this.jdbc.sql("insert into subnets (id, network_id, cidr) values (?, ?, ?)")
			.params(subnet.id(), subnet.networkId(), subnet.cidr())
			.update();
	}

	@Transactional
	void deleteSubnet(String id, Network network) {
		update(network);
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

	@Transactional
	void insert(Port port, Network network) {
		update(network);
		this.jdbc.sql("insert into ports (id, network_id, name, address) values (?, ?, ?, ?)")
			.params(port.id(), port.networkId(), port.name(), port.address())
			.update();
	}

	@Transactional
	void update(Port port) {
		// The network stays as it is, but its row has to let us through.
		Fence.check(this.fence.raise("networks", port.networkId()), port.networkId());
		this.jdbc.sql("update ports set name = ? where id = ?").params(port.name(), port.id()).update();
	}

	@Transactional
	void deletePort(String id, Network network) {
		update(network);
		this.jdbc.sql("delete from ports where id = ?").param(id).update();
	}

	private Network read(ResultSet row, int index) throws SQLException {
		return new Network(row.getString("id"), row.getString("project_id"), row.getString("name"),
				row.getLong("revision"), this.json.readValue(row.getString("allocations"), ALLOCATIONS));
	}

}
