package org.dragonflow.samples.northbound.network;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.dragonflow.samples.northbound.ConflictException;

import org.springframework.stereotype.Service;

/**
 * Ports. Each takes an address of its network: the allocations are read, changed and
 * written back as a whole. {@link NetworkLocked} says why the network is locked rather
 * than the port.
 */
@Service
class PortService {

	private final NetworkStore store;

	PortService(NetworkStore store) {
		this.store = store;
	}

	public List<Port> list(String networkId) {
		return this.store.ports(this.store.network(networkId).id());
	}

	public Port find(String networkId, String portId) {
		return this.store.port(networkId, portId);
	}

	@NetworkLocked
	public Port create(String networkId, String portId, PortRequest request) {
		Network network = this.store.claim(networkId);
		Map<String, String> allocations = new TreeMap<>(network.allocations());
		String address = this.store.subnets(networkId)
			.stream()
			.map((subnet) -> subnet.range().lowestFree(allocations.keySet()))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow(() -> new ConflictException(
					"The network '" + networkId + "' has no free address; add a subnet to it"));
		allocations.put(address, portId);
		Port port = new Port(portId, networkId, request.name(), address);
		this.store.insert(port, network.withAllocations(allocations));
		return port;
	}

	@NetworkLocked
	public Port update(String networkId, String portId, PortRequest request) {
		this.store.claim(networkId);
		Port port = this.store.port(networkId, portId);
		Port changed = new Port(portId, networkId, request.name(), port.address());
		this.store.update(changed);
		return changed;
	}

	@NetworkLocked
	public void delete(String networkId, String portId) {
		Network network = this.store.claim(networkId);
		Port port = this.store.port(networkId, portId);
		Map<String, String> allocations = new TreeMap<>(network.allocations());
		allocations.remove(port.address());
		this.store.deletePort(portId, network.withAllocations(allocations));
	}

}
