package org.dragonflow.samples.northbound.securitygroup;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import org.dragonflow.samples.northbound.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a rule.
 *
 * @param id of a new rule, null for a random one
 * @param direction {@code ingress} or {@code egress}
 * @param protocol {@code tcp} or {@code udp}
 * @param port the port to open
 */
record SecurityGroupRuleRequest(@Nullable @Pattern(regexp = Ids.PATTERN) String id,
		@NotNull @Pattern(regexp = "ingress|egress") String direction,
		@NotNull @Pattern(regexp = "tcp|udp") String protocol, @Min(1) @Max(65535) int port) {
}
