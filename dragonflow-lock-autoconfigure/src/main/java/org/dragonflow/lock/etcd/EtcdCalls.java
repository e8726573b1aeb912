package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Response;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.WatchOption;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;

/**
 * The calls to etcd. Each one has a deadline, whatever the client's own settings are.
 */
final class EtcdCalls {

	private final Client client;

	private final Duration timeout;

	private final AtomicLong highestTerm = new AtomicLong();

	EtcdCalls(Client client, Duration timeout) {
		this.client = client;
		this.timeout = timeout;
	}

	/**
	 * The highest term of a leader that an answer has told of.
	 */
	long highestTerm() {
		return this.highestTerm.get();
	}

	/**
	 * A member of etcd knows of a leader's term.
	 */
	void heardOf(long term) {
		this.highestTerm.accumulateAndGet(term, Math::max);
	}

	Duration timeout() {
		return this.timeout;
	}

	/**
	 * Runs a transaction, and waits for its answer.
	 * @throws LockStoreException if the outcome is unknown, or etcd refuses
	 */
	TxnResponse txn(String action, List<Cmp> conditions, List<Op> then, List<Op> otherwise) {
		return await(action, txnLater(conditions, then, otherwise));
	}

	CompletableFuture<TxnResponse> txnLater(List<Cmp> conditions, List<Op> then, List<Op> otherwise) {
		return ask(() -> this.client.getKVClient()
			.txn()
			.If(conditions.toArray(Cmp[]::new))
			.Then(then.toArray(Op[]::new))
			.Else(otherwise.toArray(Op[]::new))
			.commit());
	}

	CompletableFuture<LeaseGrantResponse> grantLease(long ttlSeconds) {
		return ask(() -> this.client.getLeaseClient().grant(ttlSeconds));
	}

	/**
	 * Renews a lease once. An answer of a member that has been the leader in an earlier
	 * term than others have told of counts as none: its successor does not know of the
	 * renewal.
	 */
	CompletableFuture<LeaseKeepAliveResponse> keepAlive(long lease) {
		return ask(() -> this.client.getLeaseClient().keepAliveOnce(lease)).thenApply((response) -> {
			if (response.getHeader().getRaftTerm() < this.highestTerm.get()) {
				throw LockStoreException.unreachable("A former leader of etcd has answered", null);
			}
			return response;
		});
	}

	CompletableFuture<?> revokeLease(long lease) {
		return ask(() -> this.client.getLeaseClient().revoke(lease));
	}

	CompletableFuture<LeaseTimeToLiveResponse> lookAtLease(long lease, boolean withKeys) {
		LeaseOption option = withKeys ? LeaseOption.builder().withAttachedKeys().build() : LeaseOption.DEFAULT;
		return ask(() -> this.client.getLeaseClient().timeToLive(lease, option));
	}

	Watch.Watcher watch(String prefix, WatchOption option, Watch.Listener listener) {
		return this.client.getWatchClient().watch(EtcdKeys.bytes(prefix), option, listener);
	}

	/**
	 * Waits for an answer, for as long as the timeout. Is not given up for an interrupt:
	 * the request is under way.
	 * @throws LockStoreException if the outcome is unknown, or etcd refuses
	 */
	<T> T await(String action, CompletableFuture<T> answer) {
		return await(action, answer, this.timeout);
	}

	<T> T await(String action, CompletableFuture<T> answer, Duration limit) {
		Deadline deadline = Deadline.in(limit);
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return answer.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (ExecutionException ex) {
			throw EtcdErrors.translate(action, (ex.getCause() != null) ? ex.getCause() : ex);
		}
		catch (TimeoutException ex) {
			throw LockStoreException
				.unreachable("Could not " + action + ": etcd did not answer within " + limit.toMillis() + " ms", ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private <T extends Response> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> call) {
		try {
			return call.get().thenApply((response) -> {
				heardOf(response.getHeader().getRaftTerm());
				return response;
			});
		}
		catch (Throwable ex) {
			// A client that has been closed throws at once, as does one without a thread.
			return CompletableFuture.failedFuture(ex);
		}
	}

}
