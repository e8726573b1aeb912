package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

import static org.awaitility.Awaitility.await;

/**
 * Drivers with one fault each: the faults that drivers in the field have had.
 */
final class Mutants {

	private Mutants() {
	}

	static LockDriver releasingWithoutComparing(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public boolean release(Hold hold) {
				LockRecord record = look(hold.key());
				return record != null && super.release(record.hold());
			}
		};
	}

	static LockDriver breakingWithoutComparing(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public boolean breakHold(Hold hold) {
				LockRecord record = look(hold.key());
				return record != null && super.breakHold(record.hold());
			}
		};
	}

	static LockDriver renewingBlindly(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				super.renew(holds, lease);
				return Renewal.of(holds, Deadline.in(lease), Set.of(), Set.of());
			}
		};
	}

	static LockDriver keepingRevocationsToItself(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds, lease);
				return new Renewal(renewal.renewed(), renewal.lost(), renewal.unknown(), Set.of());
			}
		};
	}

	static LockDriver revokingWithoutComparing(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public boolean requestRevocation(Hold hold) {
				LockRecord record = look(hold.key());
				return record != null && super.requestRevocation(record.hold());
			}
		};
	}

	static LockDriver renewingWhatHasEnded(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				for (Hold hold : holds) {
					acquireUninterrupted(this,
							new LockAttempt(hold.key(), hold.owner(), lease, Deadline.in(Duration.ZERO)));
				}
				return super.renew(holds, lease);
			}
		};
	}

	static LockDriver countingTokensByItself(LockDriver driver) {
		AtomicLong tokens = new AtomicLong();
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				Grant grant = super.acquire(attempt);
				return (grant != null) ? new Grant(tokens.incrementAndGet(), grant.validUntil()) : null;
			}
		};
	}

	static LockDriver relyingOnTheWholeLease(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				Grant grant = super.acquire(attempt);
				return (grant != null) ? new Grant(grant.token(), Deadline.in(attempt.lease())) : null;
			}
		};
	}

	static LockDriver refusingItsOwnOwner(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				LockRecord record = look(attempt.key());
				boolean own = record != null && record.hold().equals(attempt.hold());
				return own ? null : super.acquire(attempt);
			}
		};
	}

	static LockDriver keepingTheOldLeaseOfItsOwner(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				LockRecord record = look(attempt.key());
				if (record != null && record.hold().equals(attempt.hold())) {
					return new Grant(record.token(), Deadline.in(record.remaining()));
				}
				return super.acquire(attempt);
			}
		};
	}

	static LockDriver sleepingThroughReleases(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				while (true) {
					Grant grant = super.acquire(withoutWait(attempt));
					LockRecord record = look(attempt.key());
					if (grant != null || attempt.waitUntil().hasPassed()) {
						return grant;
					}
					Deadline lookAgain = Deadline.in((record != null) ? record.remaining() : Duration.ZERO);
					TimeUnit.NANOSECONDS.sleep(attempt.waitUntil().orEarlier(lookAgain).remainingNanos());
				}
			}
		};
	}

	static LockDriver waitingForNothingButTheEnd(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				Grant grant = super.acquire(withoutWait(attempt));
				if (grant == null) {
					TimeUnit.NANOSECONDS.sleep(attempt.waitUntil().remainingNanos());
					grant = super.acquire(attempt);
				}
				return grant;
			}
		};
	}

	static LockDriver stealingWhenTheFirstLeaseEnds(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				LockRecord record = look(attempt.key());
				if (record != null) {
					Deadline leaseEnd = Deadline.in(record.remaining());
					Grant grant = super.acquire(new LockAttempt(attempt.key(), attempt.owner(), attempt.lease(),
							attempt.waitUntil().orEarlier(leaseEnd)));
					if (grant != null || attempt.waitUntil().hasPassed()) {
						return grant;
					}
					breakHold(record.hold());
				}
				return super.acquire(attempt);
			}
		};
	}

	static LockDriver leavingAPlaceInTheQueue(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				Grant grant = null;
				try {
					grant = super.acquire(attempt);
				}
				finally {
					if (grant == null) {
						LockAttempt forgotten = new LockAttempt(attempt.key(), attempt.owner(), attempt.lease(),
								Deadline.NEVER);
						forget(forgotten);
					}
				}
				return grant;
			}

			private void forget(LockAttempt forgotten) {
				Thread thread = new Thread(() -> acquireUninterrupted(this.delegate, forgotten));
				thread.setDaemon(true);
				thread.start();
				await().pollInterval(Duration.ofMillis(1)).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
			}
		};
	}

	static LockDriver swallowingInterrupts(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				try {
					return super.acquire(attempt);
				}
				catch (InterruptedException ex) {
					return super.acquire(attempt);
				}
			}
		};
	}

	static LockDriver lookingBeforeItTakes(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				LockRecord record = look(attempt.key());
				while (record != null && !record.hold().equals(attempt.hold())) {
					if (attempt.waitUntil().hasPassed()) {
						return null;
					}
					TimeUnit.MILLISECONDS.sleep(1);
					record = look(attempt.key());
				}
				Thread.sleep(1);
				record = look(attempt.key());
				if (record != null) {
					breakHold(record.hold());
				}
				return super.acquire(withoutWait(attempt));
			}
		};
	}

	static LockDriver stayingOpen(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public void close() {
			}
		};
	}

	static LockDriver foldingCase(LockDriver driver) {
		return changingIds(driver, (id) -> id.toLowerCase(Locale.ROOT));
	}

	static LockDriver trimmingBlanks(LockDriver driver) {
		return changingIds(driver, (id) -> "x" + id.stripTrailing());
	}

	static LockDriver cuttingLongIds(LockDriver driver) {
		return changingIds(driver, (id) -> id.substring(0, Math.min(id.length(), 255)));
	}

	static LockDriver ignoringNamespaces(LockDriver driver) {
		return changingKeys(driver, (key) -> new LockKey("all", key.objectId()));
	}

	private static LockDriver changingIds(LockDriver driver, UnaryOperator<String> change) {
		return changingKeys(driver, (key) -> new LockKey(key.namespace(), change.apply(key.objectId())));
	}

	private static LockDriver changingKeys(LockDriver driver, UnaryOperator<LockKey> change) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				return super.acquire(new LockAttempt(change.apply(attempt.key()), attempt.owner(), attempt.lease(),
						attempt.waitUntil()));
			}

			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				List<Hold> changed = holds.stream().map(this::change).toList();
				return super.renew(changed, lease);
			}

			@Override
			public boolean release(Hold hold) {
				return super.release(change(hold));
			}

			private Hold change(Hold hold) {
				return new Hold(change.apply(hold.key()), hold.owner());
			}
		};
	}

	private static LockAttempt withoutWait(LockAttempt attempt) {
		return new LockAttempt(attempt.key(), attempt.owner(), attempt.lease(), Deadline.in(Duration.ZERO));
	}

	private static void acquireUninterrupted(LockDriver driver, LockAttempt attempt) {
		try {
			driver.acquire(attempt);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("Nobody interrupts this thread", ex);
		}
	}

}