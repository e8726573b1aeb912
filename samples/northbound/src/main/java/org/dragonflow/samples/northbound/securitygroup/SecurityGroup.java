package org.dragonflow.samples.northbound.securitygroup;

import java.util.List;

/**
 * A security group: says which traffic the ports that have it let pass.
 *
 * @param id its id
 * @param projectId the project that owns it
 * @param name for people
 * @param rules what passes
 */
record SecurityGroup(String id, String projectId, String name, List<SecurityGroupRule> rules) {
}
