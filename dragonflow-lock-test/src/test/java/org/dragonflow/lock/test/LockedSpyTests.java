package org.dragonflow.lock.test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mockito.InOrder;
import org.mockito.Mockito;
import reactor.core.publisher.Mono;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.dragonflow.lock.test.LockAssertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.ArgumentMatchers.startsWith;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

/**
 * Spies and mocks of beans that lock are told what to do as any others are.
 */
@Timeout(60)
class LockedSpyTests {

	@Nested
	@SpringJUnitConfig(Beans.class)
	@AutoConfigureTestLock
	class OfASpy {

		@MockitoSpyBean
		Networks networks;

		@Autowired
		FakeLockDriver driver;

		@Test
		void isStubbedWithMatchers() {
			doReturn("stubbed").when(this.networks).name(any());
			assertThat(this.networks.name("net-1")).isEqualTo("stubbed");
		}

		@Test
		void isStubbedWithMatchersByTheCallItself() {
			when(this.networks.name(startsWith("net"))).thenReturn("stubbed");
			assertThat(this.networks.name("net-1")).isEqualTo("stubbed");
			assertThat(this.networks.name("port-1")).isEqualTo("name of port-1");
		}

		@Test
		void isStubbedWithSeveralMatchers() {
			when(this.networks.rename(eq("net-1"), any())).thenReturn("one");
			willThrow(IllegalStateException.class).given(this.networks).rename(eq("net-2"), any());
			assertThat(this.networks.rename("net-1", "name")).isEqualTo("one");
			assertThat(this.networks.rename("net-3", "name")).isEqualTo("name");
		}

		@Test
		void isVerifiedWithMatchers() {
			this.networks.name("net-1");
			this.networks.name("net-2");
			verify(this.networks, Mockito.times(2)).name(any());
			InOrder inOrder = inOrder(this.networks);
			inOrder.verify(this.networks).name(startsWith("net-1"));
			inOrder.verify(this.networks).name("net-2");
		}

		@Test
		void isStubbedWithoutALock() {
			this.driver.holdElsewhere("net-1");
			doReturn("stubbed").when(this.networks).name("net-1");
			this.driver.releaseElsewhere("net-1");
			assertThat(this.networks.name("net-1")).isEqualTo("stubbed");
		}

		@Test
		void locksWhatIsStubbed() {
			AtomicBoolean held = new AtomicBoolean();
			doAnswer((invocation) -> {
				assertThat(this.driver).isHeld("net-1");
				held.set(true);
				return "";
			}).when(this.networks).name(any());
			this.networks.name("net-1");
			assertThat(held).isTrue();
			assertThat(this.driver).isFree("net-1");
		}

		@Test
		void locksWhatIsNot(@Autowired DistributedLock lock) {
			assertThat(this.networks.isLocked("net-1", lock)).isTrue();
			assertThat(AopUtils.isAopProxy(this.networks)).isTrue();
		}

		@Test
		void hasNoCallsWithoutAnId() {
			assertThatIllegalArgumentException().isThrownBy(() -> this.networks.name(null))
				.withMessageContaining("null");
			doReturn("stubbed").when(this.networks).name(any());
			assertThatIllegalArgumentException().isThrownBy(() -> this.networks.name(null))
				.withMessageContaining("null");
		}

		@Test
		void isStubbedWhereItAnswersLater() {
			doReturn(CompletableFuture.completedFuture("stubbed")).when(this.networks).later(any());
			doReturn(Mono.just("stubbed")).when(this.networks).reactive("net-1");
			assertThat(this.networks.later("net-1").join()).isEqualTo("stubbed");
			assertThat(this.networks.reactive("net-1").block()).isEqualTo("stubbed");
			assertThat(this.networks.later("net-2").join()).isEqualTo("stubbed");
			assertThat(this.networks.reactive("net-2").block()).isEqualTo("name of net-2");
		}

		@Test
		void isStubbedByTheCallItselfWhereItAnswersLater() {
			when(this.networks.later(any())).thenReturn(CompletableFuture.completedFuture("stubbed"));
			assertThat(this.networks.later("net-1").join()).isEqualTo("stubbed");
		}

	}

	@Nested
	@SpringJUnitConfig(SpiedBean.class)
	@AutoConfigureTestLock
	class OfASpyThatTheApplicationMakes {

		@Test
		void isStubbedWithMatchers(@Autowired Networks networks) {
			doReturn("stubbed").when(networks).name(any());
			assertThat(networks.name("net-1")).isEqualTo("stubbed");
		}

	}

	@Nested
	@SpringJUnitConfig(Beans.class)
	@AutoConfigureTestLock
	class OfAMock {

		@MockitoBean
		Networks networks;

		@Test
		void isNotLocked(@Autowired FakeLockDriver driver) {
			driver.holdElsewhere("net-1");
			when(this.networks.name(any())).thenReturn("mocked");
			assertThat(this.networks.name("net-1")).isEqualTo("mocked");
			assertThat(this.networks.name(null)).isEqualTo("mocked");
			assertThat(AopUtils.isAopProxy(this.networks)).isFalse();
			driver.releaseElsewhere("net-1");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		Networks networks() {
			return new Networks();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SpiedBean {

		@Bean
		Networks networks() {
			return Mockito.spy(new Networks());
		}

	}

	static class Networks {

		@NbLocked(value = "#id", waitTime = "1s")
		String name(@Nullable String id) {
			return "name of " + id;
		}

		@NbLocked("#id")
		@Nullable String rename(String id, @Nullable String name) {
			return name;
		}

		@NbLocked("#id")
		boolean isLocked(String id, DistributedLock lock) {
			return lock.held(id) != null;
		}

		@NbLocked("#id")
		CompletableFuture<String> later(String id) {
			return CompletableFuture.completedFuture("name of " + id);
		}

		@NbLocked("#id")
		Mono<String> reactive(String id) {
			return Mono.just("name of " + id);
		}

	}

}
