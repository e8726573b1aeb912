package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.aop.NbLockedBeanPostProcessor;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.InstanceNaming;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.integration.DragonflowLockRegistry;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.thread.Threading;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.task.TaskExecutor;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Auto-configuration for {@link DistributedLock},
 * {@link org.dragonflow.lock.NbLocked @NbLocked} and Spring Integration's
 * {@link LockRegistry}. The store comes in by the one {@link LockDriver} bean: of the
 * application itself, of an in-tree driver, or of any other auto-configuration that is
 * conditional on {@code dragonflow.lock.driver}.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ImportRuntimeHints(LockRuntimeHints.class)
public final class DragonflowLockAutoConfiguration {

	static final String LOCK_REGISTRY_BEAN = "dragonflowLockRegistry";

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static NbLockedBeanPostProcessor nbLockedBeanPostProcessor(Environment environment) {
		NbLockedBeanPostProcessor processor = new NbLockedBeanPostProcessor(EngineSettings.MIN_LEASE);
		processor.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
		processor.setAspectOrder(Binder.get(environment)
			.bind("dragonflow.lock.aspect.order", Integer.class)
			.orElse(NbLockedBeanPostProcessor.DEFAULT_ASPECT_ORDER));
		return processor;
	}

	/**
	 * The engine, unless the application has a lock of its own.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(DistributedLock.class)
	@EnableConfigurationProperties(DragonflowLockProperties.class)
	static class EngineConfiguration {

		@Bean
		LockEngine dragonflowLockEngine(DragonflowLockProperties properties, ObjectProvider<LockDriver> drivers,
				ObjectProvider<Transactions> transactions, ObjectProvider<InstanceNaming> naming,
				ObjectProvider<LockObserver> observers, @LockTaskExecutor ObjectProvider<TaskExecutor> callbacks,
				ConfigurableApplicationContext context) {
			EngineSettings settings = properties
				.toEngineSettings(naming.getIfAvailable(() -> EngineSettings::newInstanceName).newName());
			LockDriver driver = drivers.getIfAvailable(() -> {
				throw new NoLockDriverException(properties.driver());
			});
			return new LockEngine(driver, settings, context::publishEvent,
					transactions.getIfAvailable(() -> Transactions.NONE), observers.orderedStream().toList(),
					threads(context.getEnvironment()).withCallbacks(callbacks.getIfAvailable()));
		}

		private static ThreadSource threads(Environment environment) {
			return Threading.VIRTUAL.isActive(environment) ? ThreadSource.VIRTUAL : ThreadSource.PLATFORM;
		}

		@Bean
		LockEngineLifecycle dragonflowLockEngineLifecycle(LockEngine engine, LockDriver driver,
				DragonflowLockProperties properties, ConfigurableApplicationContext context) {
			return new LockEngineLifecycle(engine, driver, properties.startupKey(), context);
		}

	}

	/**
	 * What is locked inside a transaction lasts as long as that, where the application
	 * has transactions.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(TransactionSynchronizationManager.class)
	@EnableConfigurationProperties(LockTransactionProperties.class)
	static class TransactionsConfiguration {

		@Bean
		SpringTransactions dragonflowLockTransactions(LockTransactionProperties properties) {
			return new SpringTransactions(new ReadBeforeLock(properties.readBeforeLock()));
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static TransactionManagers dragonflowLockTransactionManagers(ObjectProvider<SpringTransactions> transactions) {
			return new TransactionManagers(transactions);
		}

	}

	/**
	 * Spring Integration's contract, where the application has its classes.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(LockRegistry.class)
	@EnableConfigurationProperties(LockTransactionProperties.class)
	static class LockRegistryConfiguration {

		@Bean(LOCK_REGISTRY_BEAN)
		@ConditionalOnMissingBean(LockRegistry.class)
		DragonflowLockRegistry dragonflowLockRegistry(DistributedLock lock, LockTransactionProperties properties) {
			return new DragonflowLockRegistry(lock, properties.registryUnlock().options());
		}

	}

}
