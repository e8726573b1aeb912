package org.dragonflow.samples.northbound.network;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.dragonflow.samples.northbound.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a network.
 *
 * @param id of a new network, null for a random one
 * @param projectId the project that owns it
 * @param name for people
 */
record NetworkRequest(@Nullable @Pattern(regexp = Ids.PATTERN) String id, @NotBlank @Size(max = 64) String projectId,
		@NotBlank @Size(max = 255) String name) {
}
