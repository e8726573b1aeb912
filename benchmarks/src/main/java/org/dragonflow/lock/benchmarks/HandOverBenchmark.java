package org.dragonflow.lock.benchmarks;

import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A hundred threads of one JVM that want one id, on PostgreSQL: what it is worth that a
 * hold is handed over inside the JVM.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(100)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
public class HandOverBenchmark {

	private static final String OBJECT_ID = "net-1";

	/**
	 * Whether holds are handed over.
	 */
	@Param({ "true", "false" })
	public boolean handOver;

	private final LockTable table = LockTable.of(Store.POSTGRESQL);

	private LockEngine engine;

	@Setup
	public void start() {
		this.engine = this.table.engine(this.handOver ? HandOver.DEFAULT : HandOver.NONE);
	}

	@TearDown
	public void stop() {
		this.engine.close();
	}

	@Benchmark
	public void cycle() {
		this.engine.lock(OBJECT_ID);
		this.engine.unlock(OBJECT_ID);
	}

}
