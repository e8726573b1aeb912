package org.dragonflow.lock.reading;

import java.sql.Connection;
import java.util.Map;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * A lock that is taken where its thread may go on working with what it has read before is
 * warned of.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadBeforeLockTests {

	private static final String PROPERTY = "dragonflow.lock.transaction.read-before-lock";

	private static final String SNAPSHOT = "goes on seeing the state of then";

	private static final String ENTITIES = "with entities in the thread's EntityManager";

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void aLockInsideATransactionThatKeepsASnapshotIsWarnedOfOnceForEachPlace(CapturedOutput output) {
		start();
		for (int i = 0; i < 3; i++) {
			transaction(TransactionDefinition.ISOLATION_REPEATABLE_READ)
				.executeWithoutResult((status) -> lock().run("net-1", () -> {
				}));
		}
		transaction(TransactionDefinition.ISOLATION_SERIALIZABLE)
			.executeWithoutResult((status) -> lock().run("net-2", () -> {
			}));
		assertThat(output.getOut().split(SNAPSHOT, -1)).as("parts around two warnings").hasSize(3);
		assertThat(output).contains("WARN", "'net-1'", getClass().getName(), "(line ", "REPEATABLE_READ",
				"SERIALIZABLE", PROPERTY + "=ignore");
	}

	@Test
	void anAnnotatedMethodIsNamedItself(CapturedOutput output) {
		start();
		transaction(TransactionDefinition.ISOLATION_REPEATABLE_READ)
			.executeWithoutResult((status) -> this.context.getBean(Ports.class).create("net-1"));
		assertThat(output).contains("is taken by " + Ports.class.getName() + ".create inside a transaction");
	}

	@Test
	void whatIsOrdinaryIsNotWarnedOf(CapturedOutput output) {
		start();
		this.context.getBean(Ports.class).create("net-1");
		transaction(TransactionDefinition.ISOLATION_READ_COMMITTED)
			.executeWithoutResult((status) -> this.context.getBean(Ports.class).create("net-1"));
		transaction(TransactionDefinition.ISOLATION_DEFAULT)
			.executeWithoutResult((status) -> this.context.getBean(Ports.class).create("net-1"));
		lock().run("net-1", () -> transaction(TransactionDefinition.ISOLATION_REPEATABLE_READ)
			.executeWithoutResult((status) -> this.context.getBean(Ports.class).create("net-1")));
		assertThat(output).doesNotContain(PROPERTY);
	}

	@Test
	void aDefaultOfTheDatabaseCountsToo(CapturedOutput output) throws Exception {
		start();
		SingleConnectionDataSource dataSource = new SingleConnectionDataSource("jdbc:h2:mem:read-before-lock", true);
		Connection connection = dataSource.getConnection();
		connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
		new TransactionTemplate(new DataSourceTransactionManager(dataSource))
			.executeWithoutResult((status) -> lock().lock("net-1"));
		dataSource.destroy();
		assertThat(output).contains(SNAPSHOT);
	}

	@Test
	void aHandleIsNoDifferent(CapturedOutput output) {
		start();
		transaction(TransactionDefinition.ISOLATION_REPEATABLE_READ).executeWithoutResult((status) -> {
			try {
				lock().acquire(LockRequest.of("net-1", "net-2")).close();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		});
		assertThat(output).contains("'net-1' and others", SNAPSHOT);
	}

	@Test
	void itCanBeAnException() {
		start(PROPERTY + "=fail");
		transaction(TransactionDefinition.ISOLATION_REPEATABLE_READ)
			.executeWithoutResult((status) -> assertThatIllegalStateException().isThrownBy(() -> lock().lock("net-1"))
				.withMessageContaining(SNAPSHOT));
		assertThat(lock().held("net-1")).isNull();
		lock().lock("net-1");
	}

	@Test
	void itCanBeTurnedOff(CapturedOutput output) {
		start(PROPERTY + "=ignore");
		transaction(TransactionDefinition.ISOLATION_REPEATABLE_READ)
			.executeWithoutResult((status) -> lock().lock("net-1"));
		assertThat(output).doesNotContain(SNAPSHOT);
	}

	@Test
	void entitiesThatWereReadBeforeAreWarnedOf(CapturedOutput output) {
		start();
		EntityManagerFactory factory = this.context.getBean(EntityManagerFactory.class);
		EntityManager entityManager = factory.createEntityManager();
		TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(entityManager));
		try {
			lock().run("net-1", () -> {
			});
			assertThat(output).as("nothing is read yet").doesNotContain(ENTITIES);
			entityManager.persist(new Network());
			lock().run("net-1", () -> {
			});
			assertThat(output).contains(ENTITIES);
		}
		finally {
			TransactionSynchronizationManager.unbindResource(factory);
			entityManager.close();
		}
	}

	private void start(String... properties) {
		TestPropertyValues.of("dragonflow.lock.driver=local").and(properties).applyTo(this.context);
		this.context.register(Application.class);
		this.context.refresh();
	}

	private DistributedLock lock() {
		return this.context.getBean(DistributedLock.class);
	}

	private TransactionTemplate transaction(int isolation) {
		TransactionTemplate template = new TransactionTemplate(this.context.getBean(PlatformTransactionManager.class));
		template.setIsolationLevel(isolation);
		return template;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class })
	@Import(Ports.class)
	static class Application {

		@Bean
		JdbcDataSource dataSource() {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setUrl("jdbc:h2:mem:read-before-lock-" + System.identityHashCode(this));
			return dataSource;
		}

		@Bean
		DataSourceTransactionManager transactionManager(JdbcDataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean
		LocalContainerEntityManagerFactoryBean entityManagerFactory(JdbcDataSource dataSource) {
			LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
			factory.setDataSource(dataSource);
			factory.setPackagesToScan(Network.class.getPackageName());
			factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
			factory.setJpaPropertyMap(Map.of("hibernate.hbm2ddl.auto", "create"));
			return factory;
		}

	}

	static class Ports {

		@NbLocked("#network")
		public void create(String network) {
		}

	}

}
