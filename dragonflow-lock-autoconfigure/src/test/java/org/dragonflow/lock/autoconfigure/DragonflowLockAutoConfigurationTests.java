package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.awaitility.Awaitility;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.aop.NbLockedBeanPostProcessor;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.integration.DragonflowLockRegistry;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.support.locks.LockRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is wired when, and what gives way to beans of the application.
 */
class DragonflowLockAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class));

	private final ApplicationContextRunner local = this.runner.withPropertyValues("dragonflow.lock.driver=local");

	@Test
	void aDriversNameIsEnough() {
		this.local.withUserConfiguration(Locked.class).run((context) -> {
			assertThat(context).hasSingleBean(DistributedLock.class)
				.getBean("dragonflowLockEngine")
				.isInstanceOf(LockEngine.class);
			assertThat(context).hasSingleBean(LocalLockDriver.class);
			assertThat(context).hasSingleBean(NbLockedBeanPostProcessor.class);
			assertThat(context).getBean(LockRegistry.class).isInstanceOf(DragonflowLockRegistry.class);
			assertThat(context.getBean(Locked.class).holdsWhileWorking("net-1")).isTrue();
			assertThat(context.getBean(DistributedLock.class).held("net-1")).isNull();
		});
	}

	@Test
	void theApplicationsLockRegistryCanBeTheDriver() {
		this.runner.withConfiguration(AutoConfigurations.of(RegistryLockAutoConfiguration.class))
			.withPropertyValues("dragonflow.lock.driver=registry")
			.withBean(DefaultLockRegistry.class)
			.withUserConfiguration(Locked.class)
			.run((context) -> {
				assertThat(context).hasSingleBean(RegistryLockDriver.class);
				assertThat(context).getBean(LockRegistry.class).isInstanceOf(DefaultLockRegistry.class);
				assertThat(context.getBean(Locked.class).holdsWhileWorking("net-1")).isTrue();
			});
	}

	@Test
	void everyObserverOfTheApplicationIsTold() {
		List<String> told = new CopyOnWriteArrayList<>();
		LockObserver first = new HoldObserver("first", told);
		LockObserver second = new HoldObserver("second", told);
		this.local.withBean("first", LockObserver.class, () -> first)
			.withBean("second", LockObserver.class, () -> second)
			.run((context) -> {
				context.getBean(DistributedLock.class).run("net-1", () -> {
				});
				await().untilAsserted(() -> assertThat(told).containsExactlyInAnyOrder("first net-1", "second net-1"));
			});
	}

	@Test
	void ofTwoThatKnowTheTransactionsNoneIsLeftOutInSilence() {
		this.local.withBean("first", Transactions.class, () -> Transactions.NONE)
			.withBean("second", Transactions.class, () -> Transactions.NONE)
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("first,second"));
	}

	@Test
	void zeroIsForNoWarningOfLongWaits() {
		this.local.withPropertyValues("dragonflow.lock.warn-after=0s")
			.run((context) -> assertThat(
					context.getBean(DragonflowLockProperties.class).toEngineSettings("me").warnAfter())
				.isNull());
	}

	@Test
	void propertiesReachTheEngine() {
		this.local
			.withPropertyValues("dragonflow.lock.namespace=Networks", "dragonflow.lock.lease=90s",
					"dragonflow.lock.wait=5s", "dragonflow.lock.max-hold=10m", "dragonflow.lock.warn-after=3s")
			.run((context) -> {
				DragonflowLockProperties properties = context.getBean(DragonflowLockProperties.class);
				assertThat(properties.waitTime()).isEqualTo(Duration.ofSeconds(5));
				assertThat(properties.maxHold()).isEqualTo(Duration.ofMinutes(10));
				assertThat(properties.toEngineSettings("me").warnAfter()).isEqualTo(Duration.ofSeconds(3));
				DistributedLock lock = context.getBean(DistributedLock.class);
				lock.run("a", () -> {
					LockRecord record = context.getBean(LockDriver.class).look(new LockKey("Networks", "a"));
					assertThat(record).isNotNull()
						.satisfies((held) -> assertThat(held.remaining()).isBetween(Duration.ofSeconds(60),
								Duration.ofSeconds(90)));
				});
			});
	}

	@Test
	void switchedOffNothingIsWiredAndNothingIsLocked() {
		this.local.withPropertyValues("dragonflow.lock.enabled=false").withBean(Unlocked.class).run((context) -> {
			assertThat(context).doesNotHaveBean(DistributedLock.class);
			assertThat(context).doesNotHaveBean(LockDriver.class);
			assertThat(context).doesNotHaveBean(LockRegistry.class);
			assertThat(AopUtils.isAopProxy(context.getBean(Unlocked.class))).isFalse();
		});
	}

	@Test
	void aDriverOfTheApplicationWinsOverTheProperty() {
		this.local.withUserConfiguration(OwnDriver.class)
			.run((context) -> assertThat(context).getBean(LockDriver.class).isInstanceOf(AskedDriver.class));
		this.runner.withUserConfiguration(OwnDriver.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void theStoreIsAskedOnceAtStart() {
		this.runner.withUserConfiguration(OwnDriver.class)
			.run((context) -> assertThat(context.getBean(AskedDriver.class).asked).hasSize(1));
	}

	@Test
	void aLockOfTheApplicationNeedsNoDriver() {
		this.runner.withUserConfiguration(OwnLock.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(DistributedLock.class);
			assertThat(context).doesNotHaveBean(LockEngineLifecycle.class);
			assertThat(context).hasSingleBean(DragonflowLockRegistry.class);
		});
	}

	@Test
	void aRegistryOfTheApplicationWins() {
		this.local.withBean(DefaultLockRegistry.class)
			.run((context) -> assertThat(context).getBean(LockRegistry.class).isInstanceOf(DefaultLockRegistry.class));
	}

	@Test
	void springIntegrationIsNotNeeded() {
		this.local.withClassLoader(new FilteredClassLoader("org.springframework.integration")).run((context) -> {
			assertThat(context).hasSingleBean(DistributedLock.class);
			assertThat(context).doesNotHaveBean("dragonflowLockRegistry");
		});
	}

	@Test
	void transactionsAreNotNeeded() {
		this.local.withClassLoader(new FilteredClassLoader("org.springframework.transaction"))
			.run((context) -> context.getBean(DistributedLock.class).run("a", () -> {
			}));
	}

	@Test
	void beansAreProxiedByTheirInterfacesWhereBootSaysSo() {
		this.local.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean(OfInterface.class)
			.run((context) -> assertThat(AopUtils.isJdkDynamicProxy(context.getBean(Runnable.class))).isTrue());
	}

	@Test
	void locksWorkUntilTaskExecutorsHaveStoppedAndEndBeforeConnectionsDo() {
		Stopping executor = new Stopping(Integer.MAX_VALUE / 2);
		Stopping connections = new Stopping(0);
		this.local.withBean("executor", Stopping.class, () -> executor)
			.withBean("connections", Stopping.class, () -> connections)
			.run((context) -> {
				DistributedLock lock = context.getBean(DistributedLock.class);
				executor.atStop = () -> lock.run("a", () -> {
				});
				connections.atStop = executor.atStop;
			});
		assertThat(executor.failure).isNull();
		assertThat(connections.failure).isInstanceOf(IllegalStateException.class);
	}

	@Test
	void aContextThatIsStoppedAndStartedAgainStillLocks() {
		this.local.run((context) -> {
			context.stop();
			context.start();
			context.getBean(DistributedLock.class).run("a", () -> {
			});
		});
	}

	@Test
	void aLossIsPublishedAsAnEvent() {
		this.local.withPropertyValues("dragonflow.lock.lease=300ms").withBean(Losses.class).run((context) -> {
			context.getBean(DistributedLock.class).lock("a");
			LockDriver driver = context.getBean(LockDriver.class);
			LockRecord record = driver.look(new LockKey("dragonflow", "a"));
			assertThat(record).isNotNull().satisfies((held) -> driver.breakHold(held.hold()));
			List<LockLostEvent> events = context.getBean(Losses.class).events;
			Awaitility.await().untilAsserted(() -> assertThat(events).hasSize(1));
			assertThat(events.get(0).objectId()).isEqualTo("a");
		});
	}

	static class Locked {

		private final DistributedLock lock;

		Locked(DistributedLock lock) {
			this.lock = lock;
		}

		@NbLocked("#id")
		public boolean holdsWhileWorking(String id) {
			return this.lock.held(id) != null;
		}

	}

	static class Unlocked {

		@NbLocked("#typo")
		public final void work() {
		}

	}

	static class OfInterface implements Runnable {

		@Override
		@NbLocked("'all'")
		public void run() {
		}

	}

	static class Losses {

		private final List<LockLostEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void onLoss(LockLostEvent event) {
			this.events.add(event);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDriver {

		@Bean
		AskedDriver askedDriver() {
			return new AskedDriver(new LocalLockDriver());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLock {

		@Bean
		DistributedLock ownLock() {
			return new LockEngine(new LocalLockDriver(),
					new DragonflowLockProperties(null, "own", Duration.ofSeconds(30), null, null, Duration.ZERO,
							new DragonflowLockProperties.HandOverProperties(0, Duration.ZERO))
						.toEngineSettings("me"),
					(event) -> {
					});
		}

	}

	static final class Stopping implements SmartLifecycle {

		private final int phase;

		private Runnable atStop = () -> {
		};

		private @Nullable Throwable failure;

		private volatile boolean running;

		Stopping(int phase) {
			this.phase = phase;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			try {
				this.atStop.run();
			}
			catch (RuntimeException ex) {
				this.failure = ex;
			}
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return this.phase;
		}

	}

	private record HoldObserver(String name, List<String> told) implements LockObserver {

		@Override
		public void holdBegan(LockHold hold) {
			this.told.add(this.name + " " + hold.key().objectId());
		}

	}

}
