package org.dragonflow.lock.autoconfigure;

import java.util.List;
import java.time.Duration;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An engine, a database, and transactions of it.
 */
abstract class TransactionsFixture {

	static final String ID = "net-1";

	final LocalLockDriver driver = new LocalLockDriver();

	final SpringTransactions transactions = new SpringTransactions();

	final LockEngine lock = new LockEngine(this.driver, new EngineSettings("dragonflow",
			EngineSettings.newInstanceName(), Duration.ofSeconds(4), Duration.ofSeconds(10), null, HandOver.DEFAULT),
			(event) -> {
			}, this.transactions, List.of(), ThreadSource.PLATFORM);

	final JdbcDataSource dataSource = new JdbcDataSource();

	final DataSourceTransactionManager manager = new DataSourceTransactionManager(this.dataSource);

	final TransactionTemplate transaction = new TransactionTemplate(this.manager);

	JdbcTemplate database = new JdbcTemplate(this.dataSource);

	@BeforeEach
	void createTable() {
		this.dataSource.setUrl("jdbc:h2:mem:surrounding-transaction;DB_CLOSE_DELAY=-1");
		this.database.execute("CREATE TABLE network (name VARCHAR(10))");
	}

	@AfterEach
	void close() {
		this.lock.close();
		this.database.execute("SHUTDOWN");
	}

	void lockAndUnlock(String objectId) {
		this.lock.lock(objectId);
		this.lock.unlock(objectId);
	}

	boolean tryLock(String objectId) {
		try {
			return this.lock.tryLock(objectId, Duration.ZERO);
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	LockHandle acquire(String objectId) {
		try {
			return this.lock.acquire(LockRequest.of(objectId).withWait(Duration.ZERO));
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	long token() {
		LockHandle hold = this.lock.held(ID);
		assertThat(hold).as("this thread's hold").isNotNull();
		return hold.fencingToken();
	}

	boolean isHeld(String objectId) {
		return this.driver.look(key(objectId)) != null;
	}

	void lose(String objectId) {
		LockRecord record = this.driver.look(key(objectId));
		assertThat(record).as("The record of " + objectId).isNotNull();
		this.driver.breakHold(record.hold());
		LockHandle hold = this.lock.held(objectId);
		assertThat(hold).as("this thread's hold").isNotNull();
		Awaitility.await("the loss").until(() -> !hold.isHeld());
	}

	TransactionTemplate with(int propagation) {
		TransactionTemplate template = new TransactionTemplate(this.manager);
		template.setPropagationBehavior(propagation);
		return template;
	}

	static LockKey key(String objectId) {
		return new LockKey("dragonflow", objectId);
	}

	static void afterCommit(Runnable action) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				action.run();
			}

		});
	}

}
