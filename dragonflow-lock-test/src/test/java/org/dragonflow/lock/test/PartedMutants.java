package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Drivers with one fault each in what they make of an answer that is known in part.
 */
// The compiler does not find the null-ness of type arguments in class files.
@SuppressWarnings("NullAway")
final class PartedMutants {

	private PartedMutants() {
	}

	static LockDriver tellingWhatIsUnknownAsLost(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds, lease);
				Set<Hold> lost = new HashSet<>(renewal.lost());
				lost.addAll(renewal.unknown().keySet());
				return new Renewal(renewal.renewed(), lost, Map.of(), renewal.revocations());
			}
		};
	}

	static LockDriver tellingWhatIsUnknownAsRenewed(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds, lease);
				return Renewal.of(holds, Deadline.in(lease), renewal.lost(), renewal.revocations());
			}
		};
	}

	static LockDriver tellingWhatIsLostAsUnknown(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds, lease);
				return new Renewal(renewal.renewed(), Set.of(), Map.of(), renewal.revocations());
			}
		};
	}

	static LockDriver renewingTheFirstHundredOnly(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				return super.renew(holds.stream().limit(100).toList(), lease);
			}
		};
	}

	static LockDriver askingForWhatIsLost(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds, lease);
				Set<Hold> revocations = new HashSet<>(renewal.revocations());
				revocations.addAll(renewal.lost());
				return new Renewal(renewal.renewed(), renewal.lost(), renewal.unknown(), revocations);
			}
		};
	}

	static LockDriver swallowingWhatIsUnknownOfARelease(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Set<Hold> releaseAll(Collection<Hold> holds) {
				try {
					return super.releaseAll(holds);
				}
				catch (PartialAnswerException ex) {
					return new HashSet<>(holds);
				}
			}
		};
	}

	static LockDriver tellingAReleaseThatIsUnknownAsNone(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public Set<Hold> releaseAll(Collection<Hold> holds) {
				try {
					return super.releaseAll(holds);
				}
				catch (PartialAnswerException ex) {
					return ex.released();
				}
			}
		};
	}

	static LockDriver tellingWhatIsUnknownAsRefused(LockDriver driver) {
		return new TogetherDriver(driver) {
			@Override
			public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
				try {
					return super.acquireFree(attempts);
				}
				catch (PartialAnswerException ex) {
					return ex.grants();
				}
			}
		};
	}

	/**
	 * Leaves several holds together.
	 */
	private static class TogetherDriver extends DelegatingDriver {

		TogetherDriver(LockDriver delegate) {
			super(delegate);
		}

		@Override
		public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
			return this.delegate.acquireFree(attempts);
		}

		@Override
		public Set<Hold> releaseAll(Collection<Hold> holds) {
			return this.delegate.releaseAll(holds);
		}

	}

}
