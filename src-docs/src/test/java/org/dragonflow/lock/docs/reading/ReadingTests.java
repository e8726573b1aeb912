package org.dragonflow.lock.docs.reading;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.dragonflow.lock.test.AutoConfigureTestLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two increments under one lock give 1 where the page says so, and 2 where it says that.
 */
@SpringBootTest(classes = ReadingApplication.class,
		properties = "spring.datasource.url=jdbc:h2:mem:reading;DB_CLOSE_DELAY=-1")
@AutoConfigureTestLock
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class ReadingTests {

	private static final String WARNING = "dragonflow.lock.transaction.read-before-lock";

	private final Counters counters;

	private final EntityManagerFactory factory;

	private final JdbcClient jdbc;

	@Autowired
	ReadingTests(Counters counters, EntityManagerFactory factory, JdbcClient jdbc) {
		this.counters = counters;
		this.factory = factory;
		this.jdbc = jdbc;
	}

	@BeforeEach
	void createCounter() {
		this.jdbc.sql("delete from counter").update();
		this.jdbc.sql("insert into counter (id, total) values ('a', 0)").update();
		this.jdbc.sql("drop table if exists step").update();
		this.jdbc.sql("create table step (id varchar(10), total int)").update();
	}

	@Test
	void anIncrementIsLostOfAnEntityThatWasReadBefore(CapturedOutput output) {
		inOneRequest((entities) -> {
			assertThat(entities.find(Counter.class, "a").total()).isZero();
			byAnother(() -> this.counters.increment("a"));
			this.counters.increment("a");
		});
		assertThat(total()).as("two increments").isEqualTo(1);
		assertThat(output).contains(WARNING, "Counters.increment with entities");
	}

	@Test
	void anIncrementIsLostInATransactionThatKeepsWhatItHasSeen(CapturedOutput output) {
		this.counters.incrementIfSmall("a", () -> byAnother(() -> this.counters.incrementIfSmall("a")));
		assertThat(this.counters.read("a")).as("two increments").isEqualTo(1);
		assertThat(output).contains(WARNING, "REPEATABLE_READ");
	}

	@Test
	void noneIsLostWhereTheLockIsTakenFirst() {
		byAnother(() -> this.counters.incrementIfSmall("a"));
		this.counters.incrementIfSmall("a");
		assertThat(this.counters.read("a")).as("two increments").isEqualTo(2);
	}

	@Test
	void noneIsLostWhereTheEntityIsReadAnew() {
		inOneRequest((entities) -> {
			assertThat(entities.find(Counter.class, "a").total()).isZero();
			byAnother(() -> this.counters.increment("a"));
			this.counters.incrementRefreshed("a");
		});
		assertThat(total()).as("two increments").isEqualTo(2);
	}

	@Test
	void noneIsLostWhereTheTransactionSeesWhatIsCommitted() {
		this.counters.incrementCommitted("a", () -> byAnother(() -> this.counters.incrementIfSmall("a")));
		assertThat(this.counters.read("a")).as("two increments").isEqualTo(2);
	}

	private int total() {
		return this.jdbc.sql("select total from counter").query(Integer.class).single();
	}

	// As open-in-view does.
	private void inOneRequest(Consumer<EntityManager> request) {
		EntityManager entities = this.factory.createEntityManager();
		TransactionSynchronizationManager.bindResource(this.factory, new EntityManagerHolder(entities));
		try {
			request.accept(entities);
		}
		finally {
			TransactionSynchronizationManager.unbindResource(this.factory);
			entities.close();
		}
	}

	private static void byAnother(Runnable work) {
		CompletableFuture.runAsync(work).join();
	}

}
