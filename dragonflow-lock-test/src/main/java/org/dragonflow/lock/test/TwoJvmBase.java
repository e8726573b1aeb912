package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * What all cases for two JVMs need: the JVMs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TwoJvmBase {

	private static final String MAIN = "main";

	private String objectId = "";

	private @Nullable WorkerJvm one;

	private @Nullable WorkerJvm two;

	/**
	 * The properties of the application: the driver and where its store is. Both JVMs get
	 * the same.
	 * @return names and values, such as {@code dragonflow.lock.driver}
	 * @throws Exception if that fails; the case fails then
	 */
	protected abstract Map<String, String> properties() throws Exception;

	/**
	 * The lease of the applications' locks: long enough for a JVM that runs to renew it
	 * on a busy machine, and short enough to be waited for.
	 * @return four seconds, unless overridden
	 */
	protected Duration lease() {
		return Duration.ofSeconds(4);
	}

	/**
	 * How long a case waits for what must come soon, before it fails.
	 * @return thirty seconds, unless overridden
	 */
	protected Duration patience() {
		return Duration.ofSeconds(30);
	}

	@BeforeEach
	final void startWorkers() throws Exception {
		this.objectId = UUID.randomUUID().toString();
		// Both at once: a JVM takes its time to start.
		this.one = startUnlessAlive(this.one);
		this.two = startUnlessAlive(this.two);
		this.one.awaitReady();
		this.two.awaitReady();
	}

	@AfterAll
	final void stopWorkers() throws Exception {
		try {
			close(this.one);
		}
		finally {
			close(this.two);
		}
	}

	/**
	 * The id of this case.
	 */
	final String objectId() {
		return this.objectId;
	}

	final String call(WorkerJvm worker, String verb) {
		return call(worker, verb, this.objectId);
	}

	final String call(WorkerJvm worker, String verb, String argument) {
		return worker.call(MAIN, verb, argument, patience());
	}

	final WorkerJvm one() {
		return running(this.one);
	}

	final WorkerJvm two() {
		return running(this.two);
	}

	private static WorkerJvm running(@Nullable WorkerJvm worker) {
		if (worker == null) {
			throw new IllegalStateException("The worker JVMs have not been started");
		}
		return worker;
	}

	private WorkerJvm startUnlessAlive(@Nullable WorkerJvm worker) throws Exception {
		if (worker != null && worker.isAlive()) {
			return worker;
		}
		close(worker);
		Map<String, String> properties = new HashMap<>(properties());
		properties.put("dragonflow.lock.lease", lease().toMillis() + "ms");
		return WorkerJvm.start(properties);
	}

	private static void close(@Nullable WorkerJvm worker) throws InterruptedException {
		if (worker != null) {
			worker.close();
		}
	}

}
