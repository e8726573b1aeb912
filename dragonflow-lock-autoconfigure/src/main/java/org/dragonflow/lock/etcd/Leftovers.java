package org.dragonflow.lock.etcd;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Removes what requests have left that were carried out after their callers had given up,
 * while the same lease still keeps something else alive.
 */
final class Leftovers {

	private static final Log logger = LogFactory.getLog(Leftovers.class);

	private final EtcdCalls calls;

	Leftovers(EtcdCalls calls) {
		this.calls = calls;
	}

	/**
	 * Looks for keys of the session's lease that the session does not know of. Does not
	 * wait for the answers; the next look finds what this one misses.
	 */
	void sweep(Session session) {
		this.calls.lookAtLease(session.lease(), true).thenAccept((response) -> {
			for (ByteSequence key : response.getKeys()) {
				if (!session.hasClaimed(EtcdKeys.text(key))) {
					remove(session, key);
				}
			}
		}).exceptionally((ex) -> {
			logger.debug("Could not look for what is left of unanswered requests; trying on", ex);
			return null;
		});
	}

	private void remove(Session session, ByteSequence key) {
		this.calls.txnLater(List.of(), List.of(Op.get(key, GetOption.DEFAULT)), List.of()).thenCompose((response) -> {
			List<KeyValue> found = response.getGetResponses().get(0).getKvs();
			if (found.isEmpty() || found.get(0).getLease() != session.lease()) {
				return CompletableFuture.<TxnResponse>completedFuture(null);
			}
			// If the same attempt is repeated meanwhile, it takes its key over to another
			// lease, and the key is not what it was.
			Cmp untouched = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(found.get(0).getModRevision()));
			return this.calls.txnLater(List.of(untouched), List.of(Op.delete(key, DeleteOption.DEFAULT)), List.of());
		}).exceptionally((ex) -> {
			logger.debug("Could not remove " + key + "; trying on", ex);
			return null;
		});
	}

}
