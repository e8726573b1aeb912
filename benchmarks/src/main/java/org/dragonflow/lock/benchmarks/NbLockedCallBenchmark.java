package org.dragonflow.lock.benchmarks;

import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LockObservationAutoConfiguration;
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

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * A call that takes a lock which nobody else wants, on the {@code local} driver: what is
 * left is the aspect and the engine. Samples single calls: their median says more than
 * the mean on a machine that has other things to do, too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class NbLockedCallBenchmark {

	private final Networks bare = new Networks();

	private final Network network = new Network("net-4711");

	private ConfigurableApplicationContext context;

	private Networks bean;

	private DistributedLock lock;

	/**
	 * Whether waits and holds are measured, in an application that has a registry for it.
	 */
	@Param({ "false", "true" })
	public boolean metrics;

	@Setup
	public void start() {
		this.context = new SpringApplicationBuilder(this.metrics ? Measured.class : Application.class)
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "dragonflow.lock.driver=local")
			.run();
		this.bean = this.context.getBean(Networks.class);
		this.lock = this.context.getBean(DistributedLock.class);
	}

	@TearDown
	public void stop() {
		this.context.close();
	}

	@Benchmark
	public int bareCall() {
		return this.bare.lockedByParameter(this.network.id());
	}

	@Benchmark
	public int callOfTheProxyWithoutLock() {
		return this.bean.notLocked(this.network.id());
	}

	/**
	 * What the engine takes of a locked call; the rest is the aspect.
	 */
	@Benchmark
	public int lockAndUnlock() {
		String id = this.network.id();
		this.lock.lock(id);
		try {
			return this.bare.lockedByParameter(id);
		}
		finally {
			this.lock.unlock(id);
		}
	}

	@Benchmark
	public int lockedByParameter() {
		return this.bean.lockedByParameter(this.network.id());
	}

	@Benchmark
	public int lockedByProperty() {
		return this.bean.lockedByProperty(this.network);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class })
	static class Application {

		@Bean
		Networks networks() {
			return new Networks();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@ImportAutoConfiguration({ LockObservationAutoConfiguration.class, ObservationAutoConfiguration.class,
			MetricsAutoConfiguration.class })
	static class Measured {

		@Bean
		SimpleMeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

	/**
	 * What is locked.
	 *
	 * @param id names it
	 */
	public record Network(String id) {
	}

	/**
	 * Methods that do next to nothing.
	 */
	public static class Networks {

		/**
		 * The proxy has only to find out that there is nothing to lock.
		 */
		public int notLocked(String networkId) {
			return networkId.length();
		}

		@NbLocked("#networkId")
		public int lockedByParameter(String networkId) {
			return networkId.length();
		}

		@NbLocked("#network.id")
		public int lockedByProperty(Network network) {
			return network.id().length();
		}

	}

}
