package org.dragonflow.lock.docs.example;

import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.NbLocked;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Methods whose work is not done when they return.
 */
@Service
class AsyncPorts {

	private final RemoteSwitch remote;

	AsyncPorts(RemoteSwitch remote) {
		this.remote = remote;
	}

	// tag::future[]
	@NbLocked("#networkId")
	public CompletableFuture<String> program(String networkId) {
		return this.remote.program(networkId);
	}
	// end::future[]

	// tag::mono[]
	@NbLocked("#networkId")
	public Mono<String> programReactively(String networkId) {
		return this.remote.programReactively(networkId);
	}
	// end::mono[]

}
