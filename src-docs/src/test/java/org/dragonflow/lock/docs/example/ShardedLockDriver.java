package org.dragonflow.lock.docs.example;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Locks in a store of several shards, each of which may be away for itself.
 */
final class ShardedLockDriver implements LockDriver {

	private final List<? extends LockDriver> shards;

	ShardedLockDriver(List<? extends LockDriver> shards) {
		this.shards = shards;
	}

	LockDriver shard(LockKey key) {
		return this.shards.get(Math.floorMod(key.name().hashCode(), this.shards.size()));
	}

	private Map<LockDriver, List<Hold>> byShard(Collection<Hold> holds) {
		return holds.stream().collect(Collectors.groupingBy((hold) -> shard(hold.key())));
	}

	// tag::renew[]
	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Map<Hold, Deadline> renewed = new HashMap<>();
		Set<Hold> lost = new HashSet<>();
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		Set<Hold> revocations = new HashSet<>();
		byShard(holds).forEach((shard, some) -> {
			try {
				Renewal answer = shard.renew(some, lease);
				renewed.putAll(answer.renewed());
				lost.addAll(answer.lost());
				unknown.putAll(answer.unknown());
				revocations.addAll(answer.revocations());
			}
			catch (LockStoreException ex) {
				some.forEach((hold) -> unknown.put(hold, ex));
			}
		});
		return new Renewal(renewed, lost, unknown, revocations);
	}
	// end::renew[]

	// tag::release[]
	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		Set<Hold> released = new HashSet<>();
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		byShard(holds).forEach((shard, some) -> {
			try {
				released.addAll(shard.releaseAll(some));
			}
			catch (PartialAnswerException ex) {
				released.addAll(ex.released());
				unknown.putAll(ex.unknown());
			}
			catch (LockStoreException ex) {
				some.forEach((hold) -> unknown.put(hold, ex));
			}
		});
		return PartialAnswerException.unlessUnknown(released, unknown);
	}
	// end::release[]

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		return shard(attempt.key()).acquire(attempt);
	}

	@Override
	public boolean release(Hold hold) {
		return shard(hold.key()).release(hold);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return shard(key).look(key);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return shard(hold.key()).requestRevocation(hold);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.shards.forEach((shard) -> shard.onLoss(listener));
	}

	@Override
	public void onRevocation(Consumer<Hold> listener) {
		this.shards.forEach((shard) -> shard.onRevocation(listener));
	}

	@Override
	public void close() {
		this.shards.forEach(LockDriver::close);
	}

}
