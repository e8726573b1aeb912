package org.dragonflow.lock.benchmarks;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.test.servers.EtcdServer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * How long a lock in etcd takes from the client that releases it to the one that waits.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 4)
@Measurement(iterations = 3, time = 6)
public class EtcdHandOffBenchmark {

	// A short hold, in which the waiter has begun to wait.
	private static final long SETTLE_MILLIS = 10;

	/**
	 * By whom.
	 */
	@Param({ "THIS_PROJECT", "JETCD_LOCK" })
	public EtcdContender contender = EtcdContender.THIS_PROJECT;

	private final ExecutorService waiting = Executors.newSingleThreadExecutor();

	private EtcdServer server;

	private EtcdContender.Client holder;

	private EtcdContender.Client waiter;

	private CompletableFuture<Void> served = CompletableFuture.completedFuture(null);

	@Setup
	public void start() {
		this.server = EtcdServer.start();
		this.holder = this.contender.on(this.server.endpoint());
		this.waiter = this.contender.on(this.server.endpoint());
		this.holder.lock();
	}

	@Setup(Level.Invocation)
	public void beginToWait() throws InterruptedException {
		EtcdContender.Client next = this.waiter;
		this.served = CompletableFuture.runAsync(next::lock, this.waiting);
		TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
	}

	@Benchmark
	public void handOff() {
		this.holder.unlock();
		this.served.join();
	}

	@TearDown(Level.Invocation)
	public void swap() {
		EtcdContender.Client next = this.waiter;
		this.waiter = this.holder;
		this.holder = next;
	}

	@TearDown
	public void stop() {
		this.holder.unlock();
		this.holder.close();
		this.waiter.close();
		this.waiting.shutdown();
		this.server.close();
	}

}
