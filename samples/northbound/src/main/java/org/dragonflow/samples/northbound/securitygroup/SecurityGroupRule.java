package org.dragonflow.samples.northbound.securitygroup;

/**
 * A rule of a security group.
 *
 * @param id its id
 * @param groupId the group
 * @param direction {@code ingress} or {@code egress}
 * @param protocol {@code tcp} or {@code udp}
 * @param port the port that is open
 */
record SecurityGroupRule(String id, String groupId, String direction, String protocol, int port) {

	boolean allowsTheSameAs(SecurityGroupRule other) {
		return this.direction.equals(other.direction) && this.protocol.equals(other.protocol)
				&& this.port == other.port;
	}

}
