package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The independent masters.
 *
 * @param all each of them
 * @param timeout how long to wait for an answer at most
 */
record RedlockNodes(List<RedlockNode> all, Duration timeout) implements AutoCloseable {

	/**
	 * Sends a request to all servers.
	 * @return the answers that are to come, by server
	 */
	List<CompletableFuture<List<Object>>> ask(Function<LockScripts, CompletableFuture<List<Object>>> request,
			Duration patience) {
		// All are sent before the first answer is awaited.
		return this.all.stream().map((node) -> node.ask(request, patience)).toList();
	}

	/**
	 * How long to wait for each server: far shorter than the lease, so that most of it is
	 * left although one of them hangs.
	 */
	Duration patience(Duration lease) {
		Duration longest = lease.dividedBy(10);
		return (this.timeout.compareTo(longest) < 0) ? this.timeout : longest;
	}

	@Override
	public void close() {
		this.all.forEach(RedlockNode::close);
	}

}
