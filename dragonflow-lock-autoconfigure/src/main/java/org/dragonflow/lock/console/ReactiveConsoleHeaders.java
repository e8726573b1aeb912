package org.dragonflow.lock.console;

import java.util.function.Supplier;

import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Sets the headers of all requests below the console's path.
 */
final class ReactiveConsoleHeaders implements WebFilter {

	private final Supplier<String> path;

	ReactiveConsoleHeaders(Supplier<String> path) {
		this.path = path;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		String requested = exchange.getRequest().getPath().pathWithinApplication().value();
		String console = this.path.get();
		if (requested.equals(console) || requested.startsWith(console + "/")) {
			HttpHeaders headers = exchange.getResponse().getHeaders();
			ConsoleHeaders.ALL.forEach(headers::set);
		}
		return chain.filter(exchange);
	}

}
