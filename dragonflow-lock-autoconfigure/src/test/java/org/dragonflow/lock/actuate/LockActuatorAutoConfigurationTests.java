package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.dragonflow.lock.engine.LockEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.actuate.audit.listener.AuditListener;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * When there are an endpoint and a health indicator, and what they say without HTTP.
 */
@Timeout(60)
class LockActuatorAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class,
						LocksEndpointAutoConfiguration.class, LockHealthAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=local", "dragonflow.lock.management.timeout=200ms");

	private final ApplicationContextRunner exposed = this.runner
		.withPropertyValues("management.endpoints.jmx.exposure.include=locks", "spring.jmx.enabled=true");

	/**
	 * One whose auto-configurations are sorted out as in an application: by the classes
	 * that are there, and before they are looked at.
	 */
	private final ApplicationContextRunner application = new ApplicationContextRunner()
		.withUserConfiguration(Application.class)
		.withPropertyValues("dragonflow.lock.driver=local", "management.endpoints.jmx.exposure.include=locks",
				"spring.jmx.enabled=true");

	@Test
	void withTheActuatorAnApplicationHasBoth() {
		this.application.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(LocksEndpoint.class)
			.hasBean("dragonflowLockHealthIndicator"));
	}

	@Test
	void withoutTheActuatorAnApplicationStartsAllTheSame() {
		this.application
			.withClassLoader(
					new FilteredClassLoader("org.springframework.boot.actuate", "org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(DistributedLock.class)
				.doesNotHaveBean(LocksEndpoint.class));
	}

	@Test
	void withoutHealthAnApplicationStartsAllTheSame() {
		this.application.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LocksEndpoint.class)
				.doesNotHaveBean("dragonflowLockHealthIndicator"));
	}

	@Test
	void theEndpointIsThereOnlyWhereItIsExposed() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(LocksEndpoint.class)
			.hasSingleBean(HealthIndicator.class));
		this.exposed.run((context) -> assertThat(context).hasSingleBean(LocksEndpoint.class)
			.hasSingleBean(LocksEndpointWebExtension.class));
	}

	@Test
	void withoutAnEngineThereIsNeither() {
		this.exposed.withPropertyValues("dragonflow.lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LocksEndpoint.class)
				.doesNotHaveBean(HealthIndicator.class));
	}

	@Test
	void theHealthCanBeSwitchedOff() {
		this.runner.withPropertyValues("management.health.dragonflow-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
	}

	@Test
	void whatIsHeldIsListedAndBrokenAndBothAreAudited() {
		InMemoryAuditEventRepository audited = new InMemoryAuditEventRepository();
		this.exposed.withBean(AuditListener.class, () -> new AuditListener(audited)).run((context) -> {
			LocksEndpoint endpoint = context.getBean(LocksEndpoint.class);
			context.getBean(DistributedLock.class).lock("net-1");
			LocksReport.Held held = endpoint.locks(null).held().get(0);
			assertThat(endpoint.revoke(SecurityContext.NONE, "net-1").outcome()).isEqualTo(ActionReport.Outcome.DONE);
			assertThat(endpoint.breakHold(SecurityContext.NONE, "somebody", "net-1").message()).as("of a wrong holder")
				.contains("not held by 'somebody', but by '" + held.holder() + "'");
			assertThat(endpoint.breakHold(SecurityContext.NONE, held.holder(), "net-1").outcome())
				.isEqualTo(ActionReport.Outcome.DONE);
			assertThat(endpoint.breakHold(SecurityContext.NONE, held.holder(), "net-1").message())
				.isEqualTo("Nobody holds 'net-1'");
			assertThat(audited.find(null, null, null)).extracting("type", "data")
				.containsExactly(tuple(LockAudit.REVOCATION, Map.of("id", "net-1", "outcome", "DONE")),
						tuple(LockAudit.BREAK, Map.of("id", "net-1", "holder", "somebody", "outcome", "NOT_HELD")),
						tuple(LockAudit.BREAK, Map.of("id", "net-1", "holder", held.holder(), "outcome", "DONE")),
						tuple(LockAudit.BREAK, Map.of("id", "net-1", "holder", held.holder(), "outcome", "NOT_HELD")));
		});
	}

	@Test
	void badRequestsAreToldApart() {
		this.exposed.run((context) -> {
			LocksEndpoint endpoint = context.getBean(LocksEndpoint.class);
			assertThatExceptionOfType(InvalidEndpointRequestException.class).isThrownBy(() -> endpoint.locks(0));
			assertThatExceptionOfType(InvalidEndpointRequestException.class).isThrownBy(() -> endpoint.lock(""));
		});
	}

	@Test
	void theHealthTellsWhatTheStoreDoes() {
		SilentDriver driver = new SilentDriver();
		this.exposed.withBean(SilentDriver.class, () -> driver).run((context) -> {
			HealthIndicator indicator = context.getBean(HealthIndicator.class);
			assertThat(health(indicator)).extracting(Health::getStatus).isEqualTo(Status.UP);
			assertThat(health(indicator).getDetails()).containsKey("storeAnsweredIn").containsEntry("held", 0L);
			driver.failure = LockStoreException.unreachable(
					"Could not look: jdbc:x://scott:tiger@db/locks?user=scott&password=tiger, passwd: tiger", null);
			assertThat(health(indicator).getStatus()).as("of a store that fails").isEqualTo(Status.DOWN);
			assertThat(health(indicator).getDetails().toString()).contains("Could not look", "******@db/locks")
				.doesNotContain("tiger");
			assertThat(context.getBean(LocksEndpoint.class).lock("net-1").toString()).contains("Could not look")
				.doesNotContain("tiger");
			driver.failure = null;
			CountDownLatch answer = new CountDownLatch(1);
			driver.silentUntil = answer;
			for (int i = 0; i < 4; i++) {
				assertThat(health(indicator).getDetails()).as("of a store that is silent")
					.containsEntry("storeProblem", "The store has not answered within 200 ms");
			}
			assertThat(health(indicator).getDetails().get("storeProblem")).as("of one that stays so")
				.asString()
				.contains("4 earlier questions");
			answer.countDown();
		});
	}

	@Test
	void theHealthTellsOfRenewalsThatFail() {
		SilentDriver driver = new SilentDriver();
		this.exposed.withBean(SilentDriver.class, () -> driver)
			.withPropertyValues("dragonflow.lock.lease=1s")
			.run((context) -> {
				context.getBean(LockEngine.class).lock("net-1");
				driver.renewalsFail = true;
				HealthIndicator indicator = context.getBean(HealthIndicator.class);
				Awaitility.await("bad health")
					.atMost(Duration.ofSeconds(20))
					.until(() -> health(indicator).getStatus().equals(Status.DOWN));
				assertThat(health(indicator).getDetails()).containsKey("storeAnsweredIn");
			});
	}

	@Test
	void aCredentialIsNotShown() {
		assertThat(List.of("redis://:tiger@host/1", "password=tiger;x", "Password: tiger", "?token=tiger&x=y"))
			.allSatisfy((text) -> assertThat(Problems.describe(new IllegalStateException(text))).contains("******")
				.doesNotContain("tiger"));
	}

	private static Health health(HealthIndicator indicator) {
		return Objects.requireNonNull(indicator.health(true));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class,
			LocksEndpointAutoConfiguration.class, LockHealthAutoConfiguration.class })
	static class Application {

	}

}
