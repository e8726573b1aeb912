package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.leader.event.OnRevokedEvent;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.LockRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Integration's leader election in two instances of an application.
 */
@Timeout(120)
class LeaderElectionTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final LockKey KEY = new LockKey("dragonflow", "leader");

	private final Database database = PostgresServer.shared().newDatabase();

	private final Applications applications = new Applications(Candidacy.class, this.database);

	@AfterEach
	void stop() {
		this.applications.close();
	}

	@Test
	void exactlyOneOfTwoInstancesLeads() {
		ConfigurableApplicationContext one = start();
		ConfigurableApplicationContext two = start();
		awaitOneLeader(one, two);
		// Long enough for several heart beats of the leader and tries of the other.
		Awaitility.await()
			.during(Duration.ofSeconds(3))
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(10))
			.until(() -> isLeader(one) != isLeader(two));
		assertThat(losses(one) + losses(two)).as("The losses of a lock that the leader kept").isZero();
	}

	@Test
	void anotherInstanceLeadsWhenTheLeaderIsClosed() {
		ConfigurableApplicationContext one = start();
		ConfigurableApplicationContext two = start();
		awaitOneLeader(one, two);
		ConfigurableApplicationContext leader = isLeader(one) ? one : two;
		ConfigurableApplicationContext other = (leader == one) ? two : one;
		LockRegistryLeaderInitiator closed = leader.getBean(LockRegistryLeaderInitiator.class);
		leader.close();
		Awaitility.await("The other leads when the leader is closed").atMost(PATIENCE).until(() -> isLeader(other));
		assertThat(isLeader(closed)).as("Whether the closed instance still leads").isFalse();
	}

	@Test
	void theLeaderStepsDownWhenItsLockIsLost() {
		ConfigurableApplicationContext one = start();
		awaitLeader(one);
		LockDriver driver = one.getBean(LockDriver.class);
		breakHold(driver);
		Awaitility.await("The leader steps down").atMost(PATIENCE).until(() -> observed(one).revocations.size() == 1);
		assertThat(losses(one)).as("The losses by then").isOne();
		Awaitility.await("Somebody leads again").atMost(PATIENCE).until(() -> isLeader(one));
	}

	@Test
	void anInstanceThatLostItsLockLeavesTheSuccessorInOffice() {
		ConfigurableApplicationContext one = start();
		awaitLeader(one);
		ConfigurableApplicationContext two = start();
		LockDriver driver = two.getBean(LockDriver.class);
		// One of them is as quick as the other to take the broken lock.
		Awaitility.await("The other instance comes into office after a loss").atMost(PATIENCE).until(() -> {
			if (isLeader(one) && !isLeader(two)) {
				breakHold(driver);
			}
			return isLeader(two) && !isLeader(one);
		});
		Awaitility.await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> isLeader(two) && !isLeader(one));
		assertThat(losses(one)).as("The losses of the first leader").isPositive();
		assertThat(losses(two)).as("The losses of its successor").isZero();
	}

	private ConfigurableApplicationContext start() {
		return this.applications.start("dragonflow.lock.lease=1s");
	}

	private static void awaitOneLeader(ConfigurableApplicationContext one, ConfigurableApplicationContext two) {
		Awaitility.await("One of two leads").atMost(PATIENCE).until(() -> isLeader(one) != isLeader(two));
	}

	private static void awaitLeader(ConfigurableApplicationContext context) {
		Awaitility.await("A single instance leads").atMost(PATIENCE).until(() -> isLeader(context));
	}

	private static boolean isLeader(ConfigurableApplicationContext context) {
		return isLeader(context.getBean(LockRegistryLeaderInitiator.class));
	}

	private static boolean isLeader(LockRegistryLeaderInitiator initiator) {
		@Nullable Context context = initiator.getContext();
		return context != null && context.isLeader();
	}

	private static int losses(ConfigurableApplicationContext context) {
		return observed(context).losses.size();
	}

	private static Observed observed(ConfigurableApplicationContext context) {
		return context.getBean(Observed.class);
	}

	private static void breakHold(LockDriver driver) {
		LockRecord record = driver.look(KEY);
		if (record != null) {
			driver.breakHold(record.hold());
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Candidacy {

		@Bean
		LockRegistryLeaderInitiator leaderInitiator(LockRegistry<?> registry) {
			LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(registry,
					new DefaultCandidate("instance", KEY.objectId()));
			initiator.setHeartBeatMillis(50);
			initiator.setBusyWaitMillis(20);
			return initiator;
		}

		@Bean
		Observed observed() {
			return new Observed();
		}

	}

	static class Observed {

		private final List<LockLostEvent> losses = new CopyOnWriteArrayList<>();

		private final List<OnRevokedEvent> revocations = new CopyOnWriteArrayList<>();

		@EventListener
		void lost(LockLostEvent event) {
			this.losses.add(event);
		}

		@EventListener
		void revoked(OnRevokedEvent event) {
			this.revocations.add(event);
		}

	}

}
