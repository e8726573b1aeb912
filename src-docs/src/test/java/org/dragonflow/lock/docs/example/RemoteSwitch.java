package org.dragonflow.lock.docs.example;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * A switch that answers when the test says so.
 */
@Component
class RemoteSwitch {

	private final BlockingQueue<CompletableFuture<String>> asked = new LinkedBlockingQueue<>();

	CompletableFuture<String> program(String networkId) {
		CompletableFuture<String> answer = new CompletableFuture<>();
		this.asked.add(answer);
		return answer;
	}

	/**
	 * The same by a reactive client.
	 */
	Mono<String> programReactively(String networkId) {
		return Mono.fromFuture(() -> program(networkId));
	}

	/**
	 * Waits for a request, which is to be answered.
	 */
	CompletableFuture<String> nextRequest() throws InterruptedException {
		return this.asked.take();
	}

}
