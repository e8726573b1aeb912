package org.dragonflow.samples.northbound.network;

/**
 * A port of a network: where a machine is plugged in.
 *
 * @param id its id
 * @param networkId the network
 * @param name for people
 * @param address the port's own address
 */
record Port(String id, String networkId, String name, String address) {
}
