package org.dragonflow.samples.northbound.router;

/**
 * A router.
 *
 * @param id its id
 * @param projectId the project that owns it
 * @param name for people
 */
record Router(String id, String projectId, String name) {
}
