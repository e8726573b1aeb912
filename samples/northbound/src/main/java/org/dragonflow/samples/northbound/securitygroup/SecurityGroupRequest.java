package org.dragonflow.samples.northbound.securitygroup;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.dragonflow.samples.northbound.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a security group.
 *
 * @param id of a new group, null for a random one
 * @param projectId the project that owns it
 * @param name for people
 */
record SecurityGroupRequest(@Nullable @Pattern(regexp = Ids.PATTERN) String id,
		@NotBlank @Size(max = 64) String projectId, @NotBlank @Size(max = 255) String name) {
}
