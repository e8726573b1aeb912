package org.dragonflow.lock.cloud;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.client.CommonsClientAutoConfiguration;
import org.springframework.cloud.client.actuator.FeaturesEndpoint;
import org.springframework.cloud.client.actuator.HasFeatures;
import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * What an application with Spring Cloud has more, and that one without starts.
 */
class LockCloudAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DragonflowLockAutoConfiguration.class,
				LocalLockAutoConfiguration.class, LockCloudAutoConfiguration.class, LockNamingAutoConfiguration.class,
				UtilAutoConfiguration.class, CommonsClientAutoConfiguration.class, RefreshAutoConfiguration.class,
				ConfigurationPropertiesRebinderAutoConfiguration.class, ConfigurationPropertiesAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=local");

	@Test
	void withoutSpringCloudAnApplicationStartsAllTheSame() {
		ApplicationContextRunner application = new ApplicationContextRunner().withUserConfiguration(Application.class)
			.withPropertyValues("dragonflow.lock.driver=local");
		application.run((context) -> assertThat(context).hasSingleBean(SettingsRebinder.class)
			.hasSingleBean(CloudInstanceNaming.class));
		application.withClassLoader(new FilteredClassLoader("org.springframework.cloud"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(DistributedLock.class)
				.doesNotHaveBean(SettingsRebinder.class)
				.doesNotHaveBean(CloudInstanceNaming.class));
	}

	@Test
	void anInstanceIsNamedAsSpringCloudDoes() {
		this.runner
			.withPropertyValues("spring.application.name=orders", "server.port=8081",
					"spring.cloud.inetutils.default-hostname=unused", "spring.cloud.client.hostname=host-7")
			.run((context) -> assertThat(instance(context)).contains("host-7:orders:8081-"));
	}

	@Test
	void aRegisteredInstanceHasTheNameOfItsRegistration() {
		Registration registration = mock();
		given(registration.getInstanceId()).willReturn("orders-4f");
		given(registration.getHost()).willReturn("host-7");
		this.runner.withBean(Registration.class, () -> registration)
			.run((context) -> assertThat(instance(context)).startsWith("host-7-orders-4f-"));
	}

	@Test
	void theHoldersNameInTheStoreBeginsWithIt() {
		this.runner.withPropertyValues("spring.application.name=orders").run((context) -> {
			LockEngine engine = context.getBean(LockEngine.class);
			engine.lock("net-1");
			assertThat(engine.snapshot(1).held().get(0).owner()).startsWith(instance(context)).contains("orders");
			engine.unlock("net-1");
		});
	}

	@Test
	void settingsThatChangeHoldFromThenOnAndTouchNoHold() {
		this.runner.run((context) -> {
			LockEngine engine = context.getBean(LockEngine.class);
			LockHandle before = engine.acquire(LockRequest.of("net-1"));
			change(context, "dragonflow.lock.lease=90s", "dragonflow.lock.wait=7s", "dragonflow.lock.max-hold=1h",
					"dragonflow.lock.hand-over.max-count=3", "dragonflow.lock.warn-after=4s");
			EngineSettings settings = engine.settings();
			assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(90));
			assertThat(settings.waitTime()).isEqualTo(Duration.ofSeconds(7));
			assertThat(settings.maxHold()).isEqualTo(Duration.ofHours(1));
			assertThat(settings.warnAfter()).isEqualTo(Duration.ofSeconds(4));
			assertThat(settings.handOver().maxCount()).isEqualTo(3);
			assertThat(engine.snapshot("net-1", 1).held().get(0).lease()).as("of what was held")
				.isEqualTo(Duration.ofSeconds(30));
			assertThat(before.isHeld()).isTrue();
			before.close();
		});
	}

	@Test
	void settingsThatAreNotValidChangeNothing() {
		for (String changed : List.of("dragonflow.lock.lease=1ms", "dragonflow.lock.lease=soon",
				"dragonflow.lock.max-hold=-1s")) {
			this.runner.withPropertyValues("dragonflow.lock.wait=5s").run((context) -> {
				EngineSettings before = context.getBean(LockEngine.class).settings();
				change(context, "dragonflow.lock.wait=6s", changed);
				assertThat(context.getBean(LockEngine.class).settings()).as("after " + changed).isEqualTo(before);
			});
		}
	}

	@Test
	void theNamespaceWaitsForTheNextStart() {
		this.runner.run((context) -> {
			change(context, "dragonflow.lock.namespace=other", "dragonflow.lock.lease=40s");
			EngineSettings settings = context.getBean(LockEngine.class).settings();
			assertThat(settings.namespace()).isEqualTo("dragonflow");
			assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(40));
		});
	}

	@Test
	void anEngineOfTheApplicationsOwnKeepsTheSettingsItWasGiven() {
		EngineSettings own = new EngineSettings("own", "me", Duration.ofMinutes(5), null, null, HandOver.DEFAULT);
		new ApplicationContextRunner().withUserConfiguration(Application.class)
			.withPropertyValues("dragonflow.lock.enabled=false")
			.withBean(LockEngine.class, () -> new LockEngine(new LocalLockDriver(), own, (event) -> {
			}))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.publishEvent(new EnvironmentChangeEvent(context, Set.of("something.else")));
				assertThat(context.getBean(LockEngine.class).settings()).isEqualTo(own);
			});
	}

	@Test
	void theLockIsAmongTheFeatures() {
		this.runner.run((context) -> {
			FeaturesEndpoint endpoint = new FeaturesEndpoint(
					List.copyOf(context.getBeansOfType(HasFeatures.class).values()));
			endpoint.setApplicationContext(context);
			assertThat(endpoint.features()).extracting("enabled", as(LIST))
				.extracting("type")
				.contains(LockEngine.class.getName(), LocalLockDriver.class.getName());
		});
	}

	private static String instance(ApplicationContext context) {
		return context.getBean(LockEngine.class).settings().instance();
	}

	private static void change(ConfigurableApplicationContext context, String... properties) {
		TestPropertyValues.of(properties).applyTo(context);
		context.publishEvent(new EnvironmentChangeEvent(context, Set.of("what.ever")));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class,
			LockCloudAutoConfiguration.class, LockNamingAutoConfiguration.class })
	static class Application {

	}

}
