package org.dragonflow.samples.northbound.network;

/**
 * A range of addresses of a network.
 *
 * @param id its id
 * @param networkId the network
 * @param cidr the range
 */
record Subnet(String id, String networkId, String cidr) {

	AddressRange range() {
		return AddressRange.parse(this.cidr);
	}

}
