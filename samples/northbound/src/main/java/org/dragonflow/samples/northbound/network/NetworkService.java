package org.dragonflow.samples.northbound.network;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.dragonflow.samples.northbound.ConflictException;

import org.springframework.stereotype.Service;

/**
 * Networks. The lock is outside of the transaction: it is taken before the transaction
 * begins, and released after the commit, so that the next holder reads what was written.
 * The transactions are the store's, and short: a process that stalls while it decides has
 * no row locked.
 */
@Service
class NetworkService {

	private final NetworkStore store;

	NetworkService(NetworkStore store) {
		this.store = store;
	}

	public List<Network> list() {
		return this.store.networks();
	}

	public Network find(String networkId) {
		return this.store.network(networkId);
	}

	@NetworkLocked
	public Network create(String networkId, NetworkRequest request) {
		Network network = new Network(networkId, request.projectId(), request.name(), 0, Map.of());
		this.store.insert(network);
		return network;
	}

	@NetworkLocked
	public Network update(String networkId, NetworkRequest request) {
		return this.store.update(this.store.claim(networkId).withName(request.name()));
	}

	@NetworkLocked
	public void delete(String networkId) {
		Network network = this.store.claim(networkId);
		if (!network.allocations().isEmpty()) {
			throw new ConflictException("The network '" + networkId + "' has ports; delete them first");
		}
		this.store.delete(network);
	}

	/**
	 * Makes the allocations anew from the ports that there are. An operator's tool: it
	 * rather fails than waits for those who use the network.
	 * @param networkId the network
	 * @return the network as it is then
	 */
	@NetworkLocked(block = false)
	public Network rebuild(String networkId) {
		Network network = this.store.claim(networkId);
		Map<String, String> allocations = new TreeMap<>();
		for (Port port : this.store.ports(networkId)) {
			allocations.put(port.address(), port.id());
		}
		return this.store.update(network.withAllocations(allocations));
	}

}
