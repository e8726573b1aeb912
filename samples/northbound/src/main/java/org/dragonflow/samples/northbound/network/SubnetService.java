package org.dragonflow.samples.northbound.network;

import java.util.List;

import org.dragonflow.samples.northbound.ConflictException;

import org.springframework.stereotype.Service;

/**
 * Subnets: each change locks the network that the subnet belongs to.
 */
@Service
class SubnetService {

	private final NetworkStore store;

	SubnetService(NetworkStore store) {
		this.store = store;
	}

	public List<Subnet> list(String networkId) {
		return this.store.subnets(this.store.network(networkId).id());
	}

	public Subnet find(String networkId, String subnetId) {
		return this.store.subnet(networkId, subnetId);
	}

	@NetworkLocked
	public Subnet create(String networkId, String subnetId, SubnetRequest request) {
		Network network = this.store.claim(networkId);
		Subnet subnet = new Subnet(subnetId, networkId, request.cidr());
		for (Subnet other : this.store.subnets(networkId)) {
			if (other.range().overlaps(subnet.range())) {
				throw new ConflictException("The range " + subnet.cidr() + " overlaps the subnet '" + other.id() + "' ("
						+ other.cidr() + ") of the same network");
			}
		}
		this.store.insert(subnet, network);
		return subnet;
	}

	@NetworkLocked
	public void delete(String networkId, String subnetId) {
		Network network = this.store.claim(networkId);
		AddressRange range = this.store.subnet(networkId, subnetId).range();
		if (network.allocations().keySet().stream().anyMatch(range::contains)) {
			throw new ConflictException("The subnet '" + subnetId + "' has ports; delete them first");
		}
		this.store.deleteSubnet(subnetId, network);
	}

}
