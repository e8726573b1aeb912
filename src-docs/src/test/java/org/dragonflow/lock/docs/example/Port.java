package org.dragonflow.lock.docs.example;

/**
 * A port of a network.
 *
 * @param networkId the network
 * @param address the port's address there
 */
record Port(String networkId, int address) {
}
