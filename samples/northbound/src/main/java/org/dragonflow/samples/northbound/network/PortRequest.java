package org.dragonflow.samples.northbound.network;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.dragonflow.samples.northbound.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a port.
 *
 * @param id of a new port, null for a random one
 * @param name for people
 */
record PortRequest(@Nullable @Pattern(regexp = Ids.PATTERN) String id, @NotBlank @Size(max = 255) String name) {
}
