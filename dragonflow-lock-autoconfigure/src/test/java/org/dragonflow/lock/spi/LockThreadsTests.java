package org.dragonflow.lock.spi;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link LockThreads}.
 */
class LockThreadsTests {

	private static final InheritableThreadLocal<@Nullable String> CALLER = new InheritableThreadLocal<>();

	private final ThreadFactory threads = LockThreads.named("test");

	@Test
	void aThreadCarriesNothingThatItsStarterWouldPassOn() throws Exception {
		CALLER.set("request 1");
		try {
			assertThat(inThread(CALLER::get)).isNull();
		}
		finally {
			CALLER.remove();
		}
	}

	@Test
	void aThreadHasTheClassLoaderOfTheLibraryNotOfItsStarter() throws Exception {
		Thread starter = Thread.currentThread();
		ClassLoader before = starter.getContextClassLoader();
		try (URLClassLoader ofTheRequest = new URLClassLoader(new URL[0], before)) {
			starter.setContextClassLoader(ofTheRequest);
			assertThat(inThread(() -> Thread.currentThread().getContextClassLoader()))
				.isSameAs(LockThreads.class.getClassLoader());
		}
		finally {
			starter.setContextClassLoader(before);
		}
	}

	@Test
	void aVirtualThreadHasTheClassLoaderOfTheLibraryToo() throws Exception {
		URL classes = LockThreads.class.getProtectionDomain().getCodeSource().getLocation();
		// As in an executable jar, into which the system's loader does not see.
		try (URLClassLoader apart = new URLClassLoader(new URL[] { classes }, null)) {
			ThreadFactory virtual = (ThreadFactory) apart.loadClass(LockThreads.class.getName())
				.getMethod("virtual", String.class)
				.invoke(null, "test");
			assertThat(virtual.newThread(() -> {
			}).getContextClassLoader()).isSameAs(apart);
		}
	}

	@Test
	void aVirtualThreadCarriesNothingEitherAndHasItsRoleInItsName() throws Exception {
		CALLER.set("request 1");
		try {
			CompletableFuture<String> seen = new CompletableFuture<>();
			Thread thread = LockThreads.virtual("test").newThread(() -> seen.complete("saw " + CALLER.get()));
			thread.start();
			assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo("saw null");
			assertThat(thread.getName()).startsWith("dragonflow-lock-test");
			if (Runtime.version().feature() >= 21) {
				assertThat(Thread.class.getMethod("isVirtual").invoke(thread)).as("virtual").isEqualTo(true);
			}
		}
		finally {
			CALLER.remove();
		}
	}

	@Test
	void aThreadIsADaemonOfNormalPriorityWhoeverStartsIt() throws Exception {
		CompletableFuture<Thread> made = new CompletableFuture<>();
		Thread starter = new Thread(() -> made.complete(this.threads.newThread(() -> {
		})));
		starter.setPriority(Thread.MAX_PRIORITY);
		starter.start();
		Thread thread = made.get(10, TimeUnit.SECONDS);
		assertThat(thread.isDaemon()).isTrue();
		assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
	}

	@Test
	void threadsAreNamedAfterTheirRoleAndNumberedWhereThereAreSeveral() {
		assertThat(this.threads.newThread(() -> {
		}).getName()).isEqualTo("dragonflow-lock-test");
		assertThat(this.threads.newThread(() -> {
		}).getName()).isEqualTo("dragonflow-lock-test-2");
	}

	@Test
	void aThreadThatCannotBeHadIsAStoreThatCannotBeReached() {
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> LockThreads.start(new ScarceThreads().without(1), () -> {
			}))
			.withCauseInstanceOf(OutOfMemoryError.class)
			.satisfies((ex) -> assertThat(ex.isRefused()).isFalse());
	}

	private <T extends @Nullable Object> T inThread(Supplier<T> question) throws Exception {
		CompletableFuture<T> answer = new CompletableFuture<>();
		LockThreads.start(this.threads, () -> answer.complete(question.get()));
		return answer.get(10, TimeUnit.SECONDS);
	}

}
