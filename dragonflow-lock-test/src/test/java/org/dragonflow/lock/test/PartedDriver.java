package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.local.LocalLockDriver;
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
 * A client of a store of several parts. It answers in parts, unless one of them refuses
 * for all.
 */
// The compiler does not find the null-ness of type arguments in class files.
@SuppressWarnings("NullAway")
final class PartedDriver implements LockDriver {

	private final PartedStore store;

	private final List<LocalLockDriver> parts;

	PartedDriver(PartedStore store) {
		this.store = store;
		this.parts = store.newClients();
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		int part = PartedStore.partOf(attempt.key());
		List<InterruptedException> interrupts = new ArrayList<>();
		Grant grant = this.store.send(part, () -> {
			try {
				return this.parts.get(part).acquire(attempt);
			}
			catch (InterruptedException ex) {
				interrupts.add(ex);
				return null;
			}
		});
		if (!interrupts.isEmpty()) {
			throw interrupts.get(0);
		}
		return grant;
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		@Nullable Grant[] grants = new Grant[attempts.size()];
		Map<Hold, LockStoreException> unknown = send(attempts, LockAttempt::hold, (part, some) -> {
			List<@Nullable Grant> answers = part.acquireFree(some);
			for (int i = 0; i < answers.size(); i++) {
				grants[attempts.indexOf(some.get(i))] = answers.get(i);
			}
			return some.size();
		});
		return PartialAnswerException.unlessUnknown(Arrays.asList(grants), unknown);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Map<Hold, Deadline> renewed = new HashMap<>();
		Set<Hold> lost = new HashSet<>();
		Set<Hold> revocations = new HashSet<>();
		Map<Hold, LockStoreException> unknown = send(holds, Function.identity(), (part, some) -> {
			Renewal renewal = part.renew(some, lease);
			renewed.putAll(renewal.renewed());
			lost.addAll(renewal.lost());
			revocations.addAll(renewal.revocations());
			return some.size();
		});
		// What a late answer has said is not known.
		renewed.keySet().removeAll(unknown.keySet());
		lost.removeAll(unknown.keySet());
		revocations.removeAll(unknown.keySet());
		return new Renewal(renewed, lost, unknown, revocations);
	}

	@Override
	public boolean release(Hold hold) {
		int part = PartedStore.partOf(hold.key());
		return this.store.send(part, () -> this.parts.get(part).release(hold));
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		Set<Hold> released = new HashSet<>();
		Map<Hold, LockStoreException> unknown = send(holds, Function.identity(),
				(part, some) -> released.addAll(part.releaseAll(some)));
		released.removeAll(unknown.keySet());
		return PartialAnswerException.unlessUnknown(released, unknown);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		int part = PartedStore.partOf(key);
		return this.store.send(part, () -> this.parts.get(part).look(key));
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		int part = PartedStore.partOf(hold.key());
		return this.store.send(part, () -> this.parts.get(part).requestRevocation(hold));
	}

	@Override
	public void close() {
		this.parts.forEach(LockDriver::close);
	}

	/**
	 * Sends each part what is its own.
	 * @return those whose part has failed, with the reason
	 */
	private <T> Map<Hold, LockStoreException> send(Collection<T> all, Function<T, Hold> holdOf,
			BiFunction<LockDriver, List<T>, Object> request) {
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		Map<Integer, List<T>> byPart = all.stream()
			.collect(Collectors.groupingBy((item) -> PartedStore.partOf(holdOf.apply(item).key()), TreeMap::new,
					Collectors.toList()));
		this.store.refuseForAll(byPart.keySet());
		byPart.forEach((part, some) -> {
			try {
				this.store.send(part, () -> request.apply(this.parts.get(part), some));
			}
			catch (LockStoreException ex) {
				some.forEach((item) -> unknown.put(holdOf.apply(item), ex));
			}
		});
		return unknown;
	}

}
