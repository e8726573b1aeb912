package org.dragonflow.samples.northbound.network;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import org.dragonflow.samples.northbound.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a subnet.
 *
 * @param id of a new subnet, null for a random one
 * @param cidr the range, such as {@code 10.0.0.0/20}
 */
record SubnetRequest(@Nullable @Pattern(regexp = Ids.PATTERN) String id,
		@NotNull @Pattern(regexp = AddressRange.PATTERN, message = "must be a range such as 10.0.0.0/20") String cidr) {
}
