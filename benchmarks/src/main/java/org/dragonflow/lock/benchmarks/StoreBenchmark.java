package org.dragonflow.lock.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Locking and unlocking, by this project and by others, on the same database. Each thread
 * has an id of its own, so nobody waits.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class StoreBenchmark {

	/**
	 * On what.
	 */
	@Param({ "POSTGRESQL", "MARIADB", "H2" })
	public Store store = Store.POSTGRESQL;

	/**
	 * By whom.
	 */
	@Param({ "RAW_SQL", "THIS_PROJECT", "SPRING_INTEGRATION", "SHEDLOCK" })
	public Contender contender = Contender.RAW_SQL;

	private Contender.Locking locking;

	@Setup
	public void start() {
		this.locking = this.contender.on(LockTable.of(this.store));
	}

	@TearDown
	public void stop() {
		this.locking.close();
	}

	@Benchmark
	public void cycle(OwnId id) {
		this.locking.cycle(id.objectId);
	}

	/**
	 * An id for each thread.
	 */
	@State(Scope.Thread)
	public static class OwnId {

		private static final AtomicInteger ids = new AtomicInteger();

		private final String objectId = "net-" + ids.incrementAndGet();

	}

}
