package org.dragonflow.lock.autoconfigure;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells of the transactions that begin, where one manager's may stand inside of
 * another's. That takes two managers with a resource each; with one, nothing is done.
 */
final class TransactionManagers implements BeanPostProcessor {

	// Not earlier than they are needed: what they need would be created before the
	// others.
	private final ObjectProvider<SpringTransactions> transactions;

	private final AtomicInteger managers = new AtomicInteger();

	TransactionManagers(ObjectProvider<SpringTransactions> transactions) {
		this.transactions = transactions;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ResourceTransactionManager manager
				&& bean instanceof ConfigurableTransactionManager configurable) {
			this.managers.incrementAndGet();
			configurable.addListener(new Begins(manager));
		}
		return bean;
	}

	private final class Begins implements TransactionExecutionListener {

		private final ResourceTransactionManager manager;

		Begins(ResourceTransactionManager manager) {
			this.manager = manager;
		}

		@Override
		public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
			if (beginFailure != null || TransactionManagers.this.managers.get() < 2) {
				return;
			}
			Object key = this.manager.getResourceFactory();
			Object resource = TransactionSynchronizationManager.getResource(key);
			if (resource != null) {
				TransactionManagers.this.transactions.getObject().begun(Map.entry(key, resource));
			}
		}

	}

}
