package org.dragonflow.lock.spi;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
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
	void aVirtualThreadHasThatClassLoaderToo() throws Exception {
		CompletableFuture<ClassLoader> seen = new CompletableFuture<>();
		Thread starter = Thread.currentThread();
		ClassLoader before = starter.getContextClassLoader();
		starter.setContextClassLoader(null);
		try {
			Thread thread = LockThreads.virtual("test")
				.newThread(() -> seen.complete(Thread.currentThread().getContextClassLoader()));
			assertThat(thread.getContextClassLoader()).isSameAs(LockThreads.class.getClassLoader());
			thread.start();
			assertThat(seen.get(10, TimeUnit.SECONDS)).isSameAs(LockThreads.class.getClassLoader());
		}
		finally {
			starter.setContextClassLoader(before);
		}
	}

	@Test
	void aStepThatFailsIsToldAndNothingComesOutOfItWhateverTheTellingDoes() {
		List<Throwable> told = new ArrayList<>();
		OutOfMemoryError failure = new OutOfMemoryError("heap");
		LockThreads.step(() -> {
			throw failure;
		}, (ex) -> {
			told.add(ex);
			throw new StackOverflowError("in the log");
		});
		assertThat(told).containsExactly(failure);
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
