package org.dragonflow.lock.jdbc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Very many threads that wait for one id: virtual ones where there are such, none of
 * which keeps the thread that carries it while it waits.
 */
@Timeout(180)
class ManyWaitersTests {

	private static final boolean VIRTUAL = Runtime.version().feature() >= 21;

	private static final int THREADS = VIRTUAL ? 10_000 : 1_000;

	private static final String OBJECT_ID = "net-1";

	private static final String NAME_PREFIX = "many-waiters-";

	private static final Set<Thread.State> WAITING = Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

	private final Path directory;

	private int served;

	ManyWaitersTests(@TempDir Path directory) {
		this.directory = directory;
	}

	static Stream<Named<LockDriver>> drivers() {
		return Stream.of(Named.of("local", new LocalLockDriver()),
				Named.of("PostgreSQL", TestDatabase.postgres().driver()),
				Named.of("MariaDB", TestDatabase.mariaDb().driver()), Named.of("H2", TestDatabase.h2Server().driver()));
	}

	@ParameterizedTest
	@MethodSource("drivers")
	void allGetTheLockAndNoCarrierIsPinned(LockDriver driver) throws Exception {
		try (LockEngine engine = new LockEngine(driver, new EngineSettings("many-waiters",
				EngineSettings.newInstanceName(), Duration.ofSeconds(60), null, null, HandOver.DEFAULT), (event) -> {
				})) {
			// Classes are initialized by the first threads that need them, and that does
			// keep a carrier.
			serve(engine, 10);
			this.served = 0;
			List<RecordedEvent> pins = pinsDuring(() -> serve(engine, THREADS));
			assertThat(this.served).as("How many threads have had the lock").isEqualTo(THREADS);
			assertThat(pins).as("Waits that kept the thread that carried them").isEmpty();
		}
	}

	@Test
	void aPinnedCarrierIsSeen() throws Exception {
		List<RecordedEvent> pins = pinsDuring(() -> {
			CountDownLatch done = new CountDownLatch(1);
			threads().execute(() -> {
				WaitsInItsInitializer.touch();
				done.countDown();
			});
			assertThat(done.await(30, TimeUnit.SECONDS)).as("The thread has ended").isTrue();
		});
		// Where there are no virtual threads, none is carried.
		assertThat(pins).as("Waits that kept the thread that carried them").hasSize(VIRTUAL ? 1 : 0);
	}

	private void serve(LockEngine engine, int count) throws InterruptedException {
		Queue<Thread> waiters = new ConcurrentLinkedQueue<>();
		CountDownLatch done = new CountDownLatch(count);
		SimpleAsyncTaskExecutor threads = threads();
		engine.lock(OBJECT_ID);
		try {
			for (int i = 0; i < count; i++) {
				threads.execute(() -> {
					waiters.add(Thread.currentThread());
					// Not atomic: the lock is what keeps it right.
					engine.run(OBJECT_ID, () -> this.served++);
					done.countDown();
				});
			}
			Awaitility.await("All threads wait")
				.atMost(60, TimeUnit.SECONDS)
				.until(() -> waiters.size() == count
						&& waiters.stream().allMatch((waiter) -> WAITING.contains(waiter.getState())));
		}
		finally {
			engine.unlock(OBJECT_ID);
		}
		assertThat(done.await(60, TimeUnit.SECONDS)).as("All threads have come to their end").isTrue();
	}

	private static SimpleAsyncTaskExecutor threads() {
		SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor(NAME_PREFIX);
		threads.setVirtualThreads(VIRTUAL);
		return threads;
	}

	private List<RecordedEvent> pinsDuring(Work work) throws Exception {
		Path file = this.directory.resolve("pins.jfr");
		try (Recording recording = new Recording()) {
			// All of them: those below a threshold are left out otherwise. A JVM without
			// virtual threads does not know the event, and does not mind.
			recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO).withStackTrace();
			recording.start();
			work.run();
			recording.stop();
			recording.dump(file);
		}
		List<RecordedEvent> pins = new ArrayList<>(RecordingFile.readAllEvents(file));
		// The JDK's own threads that look after sockets are virtual, too, and may be
		// pinned
		// while they start.
		pins.removeIf((event) -> !event.getEventType().getName().equals("jdk.VirtualThreadPinned")
				|| !event.getThread().getJavaName().startsWith(NAME_PREFIX));
		return pins;
	}

	/**
	 * A frame of the JVM itself is between the waiting thread and its beginning, so it
	 * cannot be taken off its carrier.
	 */
	private static final class WaitsInItsInitializer {

		static {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
		}

		private WaitsInItsInitializer() {
		}

		static void touch() {
		}

	}

	private interface Work {

		void run() throws Exception;

	}

}
