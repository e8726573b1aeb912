package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Faults of a driver that two applications have.
 */
enum TwoJvmMutant {

	NONE(DelegatingDriver::new),

	RELEASE_WITHOUT_COMPARE(Mutants::releasingWithoutComparing),

	RENEW_IGNORES_THE_RESULT(Mutants::renewingBlindly),

	DEADLINE_COUNTED_FROM_THE_RESPONSE(TwoJvmMutant::countingFromTheResponse),

	TOKEN_MINTED_APART_FROM_THE_GRANT(TwoJvmMutant::mintingBeforeItWaits),

	LOSS_SWALLOWED(TwoJvmMutant::swallowingLosses),

	LOOK_AND_TAKE_ARE_TWO_STEPS(Mutants::lookingBeforeItTakes),

	IDS_SHARE_A_LOCK(TwoJvmMutant::sharingLocks);

	/**
	 * The property that names the fault.
	 */
	static final String PROPERTY = "two-jvm-mutant";

	private final UnaryOperator<LockDriver> mutation;

	TwoJvmMutant(UnaryOperator<LockDriver> mutation) {
		this.mutation = mutation;
	}

	private static LockDriver countingFromTheResponse(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				Grant grant = super.acquire(attempt);
				return (grant != null) ? new Grant(grant.token(), counted(attempt.lease())) : null;
			}

			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds, lease);
				try {
					TimeUnit.MILLISECONDS.sleep(500);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				return Renewal.of(holds, counted(lease), renewal.lost(), Set.of());
			}

			private Deadline counted(Duration lease) {
				return Deadline.ofLease(System.nanoTime(), lease);
			}
		};
	}

	private static LockDriver mintingBeforeItWaits(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				// The two JVMs are on one machine, so this is like a sequence of the
				// store.
				long token = TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
				Grant grant = super.acquire(attempt);
				return (grant != null) ? new Grant(token, grant.validUntil()) : null;
			}
		};
	}

	private static LockDriver swallowingLosses(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public boolean release(Hold hold) {
				super.release(hold);
				return true;
			}
		};
	}

	private static LockDriver sharingLocks(LockDriver driver) {
		return new DelegatingDriver(driver) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				return super.acquire(
						new LockAttempt(shared(attempt.key()), attempt.owner(), attempt.lease(), attempt.waitUntil()));
			}

			@Override
			public Renewal renew(Collection<Hold> holds, Duration lease) {
				Renewal renewal = super.renew(holds.stream().map(this::shared).toList(), lease);
				Set<Hold> lost = new HashSet<>();
				Map<Hold, Deadline> renewed = new HashMap<>();
				for (Hold hold : holds) {
					Deadline validUntil = renewal.renewed().get(shared(hold));
					if (validUntil != null) {
						renewed.put(hold, validUntil);
					}
					else if (renewal.lost().contains(shared(hold))) {
						lost.add(hold);
					}
				}
				return new Renewal(renewed, lost, Map.of(), Set.of());
			}

			@Override
			public boolean release(Hold hold) {
				return super.release(shared(hold));
			}

			@Override
			public @Nullable LockRecord look(LockKey key) {
				return super.look(shared(key));
			}

			// What is broken is a hold as the store has it, so it needs no change.
			private Hold shared(Hold hold) {
				return new Hold(shared(hold.key()), hold.owner());
			}

			// The ids end in a digit: 1 and 2 share a lock, and so do 3 and 4. The last
			// one is the keepers', and stays alone.
			private LockKey shared(LockKey key) {
				String id = key.objectId();
				char last = id.charAt(id.length() - 1);
				return new LockKey(key.namespace(), id.substring(0, id.length() - 1) + (last + 1) / 2);
			}
		};
	}

	/**
	 * Puts the fault into an application.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		static BeanPostProcessor mutation(Environment environment) {
			TwoJvmMutant mutant = environment.getRequiredProperty(PROPERTY, TwoJvmMutant.class);
			return new BeanPostProcessor() {
				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					return (bean instanceof LockDriver driver) ? mutant.mutation.apply(driver) : bean;
				}
			};
		}

	}

}
