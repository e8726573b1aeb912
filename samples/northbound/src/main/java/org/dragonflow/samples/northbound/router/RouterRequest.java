package org.dragonflow.samples.northbound.router;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.dragonflow.samples.northbound.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a router.
 *
 * @param id of a new router, null for a random one
 * @param projectId the project that owns it
 * @param name for people
 */
record RouterRequest(@Nullable @Pattern(regexp = Ids.PATTERN) String id, @NotBlank @Size(max = 64) String projectId,
		@NotBlank @Size(max = 255) String name) {
}
