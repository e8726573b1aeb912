package org.dragonflow.lock.test;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * Drivers with one fault each in what they make of requests for many keys.
 */
// The compiler does not find the null-ness of type arguments in class files.
@SuppressWarnings("NullAway")
final class ManyKeysMutants {

	private static final int CHUNK = 500;

	private ManyKeysMutants() {
	}

	static LockDriver waitingForEach(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				List<@Nullable Grant> grants = new ArrayList<>();
				for (LockAttempt attempt : attempts) {
					try {
						grants.add(acquire(attempt));
					}
					catch (InterruptedException ex) {
						throw LockStoreException.unreachable("interrupted", ex);
					}
				}
				return grants;
			}
		};
	}

	static LockDriver stoppingAtTheFirstThatIsHeld(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				List<@Nullable Grant> grants = new ArrayList<>();
				for (LockAttempt attempt : attempts) {
					boolean stopped = grants.contains(null);
					grants.add(stopped ? null : super.acquireFree(List.of(attempt)).get(0));
				}
				return grants;
			}
		};
	}

	static LockDriver answeringInTheOrderOfKeys(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				return super.acquireFree(attempts.stream()
					.sorted(Comparator.comparing((LockAttempt attempt) -> attempt.key().name()))
					.toList());
			}
		};
	}

	static LockDriver stealingWhatIsHeld(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				for (LockAttempt attempt : attempts) {
					LockRecord record = look(attempt.key());
					if (record != null && !record.hold().equals(attempt.hold())) {
						breakHold(record.hold());
					}
				}
				return super.acquireFree(attempts);
			}
		};
	}

	static LockDriver takingOneStatementOnly(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				List<@Nullable Grant> grants = new ArrayList<>(
						super.acquireFree(attempts.subList(0, Math.min(attempts.size(), CHUNK))));
				while (grants.size() < attempts.size()) {
					grants.add(null);
				}
				return grants;
			}
		};
	}

	static LockDriver relyingOnTheWholeLeaseOfMany(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				List<@Nullable Grant> grants = new ArrayList<>();
				for (Grant grant : super.acquireFree(attempts)) {
					grants.add((grant != null)
							? new Grant(grant.token(), Deadline.in(attempts.get(0).lease().plusSeconds(1))) : null);
				}
				return grants;
			}
		};
	}

	static LockDriver reportingAllAsReleased(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public Set<Hold> releaseAll(Collection<Hold> holds) {
				super.releaseAll(holds);
				return new HashSet<>(holds);
			}
		};
	}

	static LockDriver releasingManyWithoutComparing(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public Set<Hold> releaseAll(Collection<Hold> holds) {
				Set<Hold> released = super.releaseAll(holds);
				for (Hold hold : holds) {
					LockRecord record = look(hold.key());
					if (record != null) {
						release(record.hold());
					}
				}
				return released;
			}
		};
	}

	static LockDriver releasingTheFirstOnly(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public Set<Hold> releaseAll(Collection<Hold> holds) {
				super.releaseAll(holds.stream().limit(1).toList());
				return new HashSet<>(holds);
			}
		};
	}

}
