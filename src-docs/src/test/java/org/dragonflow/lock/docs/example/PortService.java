package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.NbLocked;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads, decides and writes.
 */
@Service
class PortService {

	private final JdbcClient jdbc;

	PortService(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	// tag::create[]
	@NbLocked("#networkId")
	@Transactional
	public Port createPort(String networkId) {
		int address = this.jdbc.sql("select next_address from networks where id = ?")
			.param(networkId)
			.query(Integer.class)
			.single();
		this.jdbc.sql("update networks set next_address = ? where id = ?").params(address + 1, networkId).update();
		this.jdbc.sql("insert into ports (network_id, address) values (?, ?)").params(networkId, address).update();
		return new Port(networkId, address);
	}
	// end::create[]

	// tag::many[]
	@NbLocked("{#fromNetwork, #toNetwork}")
	@Transactional
	public void movePort(String fromNetwork, String toNetwork, int address) {
		this.jdbc.sql("update ports set network_id = ? where network_id = ? and address = ?")
			.params(toNetwork, fromNetwork, address)
			.update();
	}
	// end::many[]

	// tag::attributes[]
	@NbLocked(value = "#networkId", waitTime = "${ports.wait:2s}")
	public int countPorts(String networkId) {
		return this.jdbc.sql("select count(*) from ports where network_id = ?")
			.param(networkId)
			.query(Integer.class)
			.single();
	}
	// end::attributes[]

}
