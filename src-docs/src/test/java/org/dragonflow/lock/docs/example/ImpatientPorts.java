package org.dragonflow.lock.docs.example;

import java.time.Duration;

import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * A caller that does not wait for long.
 */
@Service
class ImpatientPorts {

	private final AsyncPorts ports;

	ImpatientPorts(AsyncPorts ports) {
		this.ports = ports;
	}

	// tag::mono[]
	Mono<String> programOrGiveUp(String networkId, Duration patience) {
		return Mono.fromFuture(() -> this.ports.program(networkId)).timeout(patience); // <1>
	}
	// end::mono[]

}
