package org.dragonflow.lock.etcd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Ownership: the keys of a lock stand in line by their create revisions, and the first
 * one holds the lock. Its create revision is the fencing token: it is of the same
 * transaction as the key, and no later key of any lock has a lower one.
 */
final class LockQueue {

	/**
	 * How many keys one transaction names at most. etcd allows 128 operations, and
	 * entering takes two a key.
	 */
	static final int CHUNK = 60;

	/**
	 * How many keys one transaction reads at most.
	 */
	static final int READ_CHUNK = 120;

	// After a key's value, once somebody has asked for its release.
	private static final String REVOKED = " revoked";

	private static final long SECONDS_UNTIL_TOLD = 5;

	private final EtcdCalls calls;

	LockQueue(EtcdCalls calls) {
		this.calls = calls;
	}

	/**
	 * Puts a key at the end of the line. If it is in line already, because the answer to
	 * an earlier attempt was lost, it stays where it is and lives on with the session.
	 * @throws LockStoreException if the outcome is unknown, or the session has ended; see
	 * {@link EtcdErrors#isLeaseGone}
	 */
	Position enter(String queue, String key, Session session) {
		ByteSequence bytes = EtcdKeys.bytes(key);
		while (true) {
			TxnResponse response = this.calls.txn("lock " + key,
					List.of(new Cmp(bytes, Cmp.Op.EQUAL, CmpTarget.createRevision(0))),
					List.of(put(bytes, session), Op.get(EtcdKeys.bytes(queue), last(queue, 2).build())),
					List.of(Op.get(bytes, GetOption.DEFAULT)));
			List<KeyValue> found = response.getGetResponses().get(0).getKvs();
			if (response.isSucceeded()) {
				return Position.of(found.get(0).getCreateRevision(), (found.size() > 1) ? found.get(1) : null);
			}
			if (found.get(0).getLease() == session.lease() || takeOver(bytes, found.get(0), session)) {
				Position position = find(queue, key, found.get(0).getCreateRevision());
				if (position != null) {
					return position;
				}
			}
			// It has gone, with the lease of an earlier session.
		}
	}

	private boolean takeOver(ByteSequence key, KeyValue found, Session session) {
		return this.calls
			.txn("lock " + EtcdKeys.text(key),
					List.of(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(found.getModRevision()))),
					List.of(put(key, session)), List.of())
			.isSucceeded();
	}

	/**
	 * Reads where a key stands. Both the key and the one before it are read at the same
	 * moment: a key whose lease has ended meanwhile is not the first because there is no
	 * other.
	 * @return null if the key has gone
	 */
	@Nullable Position find(String queue, String key, long revision) {
		TxnResponse response = this.calls.txn("find the place of " + key, List.of(),
				List.of(Op.get(EtcdKeys.bytes(key), GetOption.DEFAULT),
						Op.get(EtcdKeys.bytes(queue), last(queue, 1).withMaxCreateRevision(revision - 1).build())),
				List.of());
		List<KeyValue> own = response.getGetResponses().get(0).getKvs();
		List<KeyValue> before = response.getGetResponses().get(1).getKvs();
		if (own.isEmpty() || own.get(0).getCreateRevision() != revision) {
			return null;
		}
		return Position.of(revision, before.isEmpty() ? null : before.get(0));
	}

	/**
	 * Removes a key, if it is still the same.
	 * @param revision its create revision, 0 if that is not known
	 * @return whether it was there
	 */
	boolean leave(String key, long revision) {
		return this.calls.await("release " + key, leaveLater(key, revision)).isSucceeded();
	}

	/**
	 * Removes a key, if it is still the same, without waiting for the answer.
	 */
	CompletableFuture<TxnResponse> leaveLater(String key, long revision) {
		ByteSequence bytes = EtcdKeys.bytes(key);
		return this.calls.txnLater(List.of(is(bytes, revision)), List.of(Op.delete(bytes, DeleteOption.DEFAULT)),
				List.of());
	}

	/**
	 * Removes all keys in one transaction, or none.
	 * @return whether all of them were there
	 */
	boolean leaveAll(List<Place> places) {
		List<Cmp> conditions = new ArrayList<>();
		List<Op> deletions = new ArrayList<>();
		for (Place place : places) {
			ByteSequence bytes = EtcdKeys.bytes(place.key());
			conditions.add(is(bytes, place.revision()));
			deletions.add(Op.delete(bytes, DeleteOption.DEFAULT));
		}
		return this.calls.txn("release " + places.size() + " locks", conditions, deletions, List.of()).isSucceeded();
	}

	/**
	 * Puts keys of different locks in line. Those that are in line already stay where
	 * they are.
	 * @return the create revision of those keys that are the first of their line, in the
	 * order of the places; 0 for the others
	 */
	List<Long> enterAll(List<Place> places) {
		List<Cmp> allNew = new ArrayList<>();
		List<Op> operations = new ArrayList<>();
		for (Place place : places) {
			allNew.add(new Cmp(EtcdKeys.bytes(place.key()), Cmp.Op.EQUAL, CmpTarget.createRevision(0)));
			operations.add(put(EtcdKeys.bytes(place.key()), place.session()));
			operations.add(Op.get(EtcdKeys.bytes(place.queue()), first(place.queue())));
		}
		TxnResponse response = this.calls.txn("lock " + places.size() + " locks", allNew, operations, List.of());
		if (!response.isSucceeded()) {
			// An earlier request of the same owners came through. Were they all put
			// again,
			// one that arrives late would give a key back to a session that has been
			// left.
			return places.stream().map(this::enterAgain).toList();
		}
		List<Long> revisions = new ArrayList<>();
		for (int i = 0; i < places.size(); i++) {
			KeyValue first = response.getGetResponses().get(i).getKvs().get(0);
			revisions.add(EtcdKeys.text(first.getKey()).equals(places.get(i).key()) ? first.getCreateRevision() : 0L);
		}
		return revisions;
	}

	private long enterAgain(Place place) {
		Position position = enter(place.queue(), place.key(), place.session());
		return (position.before() == null) ? position.revision() : 0;
	}

	/**
	 * Finds out what has become of keys. A read that a majority of etcd confirms.
	 */
	Check check(List<Place> places) {
		List<Op> reads = places.stream()
			.<Op>map((place) -> Op.get(EtcdKeys.bytes(place.key()), GetOption.DEFAULT))
			.toList();
		List<GetResponse> responses = this.calls
			.txn("look for " + places.size() + " locks", List.of(), reads, List.of())
			.getGetResponses();
		List<Place> lost = new ArrayList<>();
		List<Place> revoked = new ArrayList<>();
		for (int i = 0; i < places.size(); i++) {
			List<KeyValue> found = responses.get(i).getKvs();
			if (found.isEmpty() || found.get(0).getCreateRevision() != places.get(i).revision()) {
				lost.add(places.get(i));
			}
			else if (EtcdKeys.text(found.get(0).getValue()).endsWith(REVOKED)) {
				revoked.add(places.get(i));
			}
		}
		return new Check(lost, revoked);
	}

	/**
	 * Marks the first key of the line as one whose release is asked for, and tells its
	 * client: all clients watch for deletions, so something is deleted.
	 * @param told what is put and deleted, by a lease of its own: this client may die
	 * @return false if another one is the first
	 */
	boolean revoke(String queue, String key, String told) {
		String action = "ask for the release of " + key;
		Long lease = null;
		try {
			while (true) {
				KeyValue first = first(queue, action);
				if (first == null || !EtcdKeys.text(first.getKey()).equals(key)) {
					return false;
				}
				if (lease == null) {
					lease = this.calls.await(action, this.calls.grantLease(SECONDS_UNTIL_TOLD)).getID();
				}
				String value = EtcdKeys.text(first.getValue());
				ByteSequence marked = EtcdKeys.bytes(value.endsWith(REVOKED) ? value : value + REVOKED);
				// Not if it has changed since: to another lease, or is gone.
				if (this.calls
					.txn(action,
							List.of(new Cmp(first.getKey(), Cmp.Op.EQUAL,
									CmpTarget.modRevision(first.getModRevision()))),
							List.of(Op.put(first.getKey(), marked, livingBy(first.getLease())),
									Op.put(EtcdKeys.bytes(told), ByteSequence.EMPTY, livingBy(lease))),
							List.of())
					.isSucceeded()) {
					return true;
				}
			}
		}
		finally {
			if (lease != null) {
				// If that fails, the lease ends a little later by itself.
				this.calls.revokeLease(lease);
			}
		}
	}

	/**
	 * The first key of the line.
	 */
	@Nullable KeyValue first(String queue, String action) {
		List<KeyValue> found = this.calls
			.txn(action, List.of(), List.of(Op.get(EtcdKeys.bytes(queue), first(queue))), List.of())
			.getGetResponses()
			.get(0)
			.getKvs();
		return found.isEmpty() ? null : found.get(0);
	}

	private static Cmp is(ByteSequence key, long revision) {
		return (revision != 0) ? new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(revision))
				: new Cmp(key, Cmp.Op.GREATER, CmpTarget.createRevision(0));
	}

	private static Op put(ByteSequence key, Session session) {
		return Op.put(key, EtcdKeys.bytes(session.duration().toSeconds() + "s"), livingBy(session.lease()));
	}

	private static PutOption livingBy(long lease) {
		return PutOption.builder().withLeaseId(lease).build();
	}

	private static GetOption first(String queue) {
		return GetOption.builder()
			.isPrefix(true)
			.withSortField(GetOption.SortTarget.CREATE)
			.withSortOrder(GetOption.SortOrder.ASCEND)
			.withLimit(1)
			.build();
	}

	private static GetOption.Builder last(String queue, int limit) {
		return GetOption.builder()
			.isPrefix(true)
			.withSortField(GetOption.SortTarget.CREATE)
			.withSortOrder(GetOption.SortOrder.DESCEND)
			.withLimit(limit);
	}

	/**
	 * Where a key stands.
	 *
	 * @param revision its create revision
	 * @param before the key right before it, null if it is the first and so has the lock
	 * @param beforeLasts the lease of the key before
	 */
	record Position(long revision, @Nullable String before, Duration beforeLasts) {

		// In place of what another program has written.
		private static final Duration UNKNOWN = Duration.ofSeconds(5);

		static Position of(long revision, @Nullable KeyValue before) {
			return (before == null) ? new Position(revision, null, Duration.ZERO)
					: new Position(revision, EtcdKeys.text(before.getKey()), duration(before));
		}

		private static Duration duration(KeyValue keyValue) {
			String value = keyValue.getValue().toString(StandardCharsets.UTF_8);
			return value.matches("[0-9]{1,10}s( .*)?")
					? Duration.ofSeconds(Long.parseLong(value.substring(0, value.indexOf('s')))) : UNKNOWN;
		}

	}

	/**
	 * What has become of keys.
	 *
	 * @param lost those that are gone
	 * @param revoked those whose release is asked for
	 */
	record Check(List<Place> lost, List<Place> revoked) {
	}

}
