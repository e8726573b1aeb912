package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import tools.jackson.databind.JsonNode;

/**
 * Many callers who create, change and delete at all instances at once; and the count of
 * what is missing afterwards.
 */
final class Load {

	static final int NETWORKS = 8;

	static final int CALLERS = 48;

	private static final int CALLS_PER_CALLER = 50;

	private final List<Northbound> instances;

	Load(List<Northbound> instances) {
		this.instances = instances;
	}

	/**
	 * Makes the calls, and looks at what is left of them.
	 * @return the result
	 * @throws IOException if the networks cannot be prepared or read
	 * @throws InterruptedException if interrupted
	 */
	Result run() throws IOException, InterruptedException {
		for (int network = 0; network < NETWORKS; network++) {
			prepare(network);
		}
		long revisionsBefore = revisions();
		List<Caller> callers = new ArrayList<>();
		for (int number = 0; number < CALLERS; number++) {
			callers.add(new Caller(number));
		}
		long start = System.nanoTime();
		makeCalls(callers);
		double seconds = (System.nanoTime() - start) / 1e9;

		long changed = callers.stream().mapToLong((caller) -> caller.changed).sum();
		long lost = changed - (revisions() - revisionsBefore);
		long[] waits = callers.stream().flatMapToLong((caller) -> Arrays.stream(caller.waits)).sorted().toArray();
		String failure = callers.stream().map((caller) -> caller.failure).reduce("", (a, b) -> a.isEmpty() ? b : a);
		return new Result(waits.length, waits.length - changed, failure, lost, addressesGivenTwice(), seconds, waits);
	}

	private void prepare(int network) throws IOException, InterruptedException {
		Northbound instance = this.instances.get(network % this.instances.size());
		instance.post("/networks",
				"{\"id\": \"net-%1$d\", \"projectId\": \"demo\", \"name\": \"network %1$d\"}".formatted(network));
		instance.post("/networks/net-" + network + "/subnets", "{\"cidr\": \"10.%d.0.0/20\"}".formatted(network));
	}

	private void makeCalls(List<Caller> callers) throws InterruptedException {
		ExecutorService threads = Executors.newFixedThreadPool(callers.size());
		try {
			for (Future<?> caller : threads.invokeAll(callers.stream().map(Executors::callable).toList())) {
				caller.get();
			}
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A caller of the demonstration has a bug", ex);
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * Each change reads a network's revision and writes the next one. Where another wrote
	 * in between, the two changes count as one: the other's is lost.
	 */
	private long revisions() throws IOException, InterruptedException {
		long sum = 0;
		for (int network = 0; network < NETWORKS; network++) {
			sum += this.instances.get(0).get("/networks/net-" + network).get("revision").asLong();
		}
		return sum;
	}

	private long addressesGivenTwice() throws IOException, InterruptedException {
		long twice = 0;
		for (int network = 0; network < NETWORKS; network++) {
			Set<String> addresses = new HashSet<>();
			for (JsonNode port : this.instances.get(0).get("/networks/net-" + network + "/ports")) {
				twice += addresses.add(port.get("address").asString()) ? 0 : 1;
			}
		}
		return twice;
	}

	/**
	 * What came of the calls.
	 *
	 * @param calls how many there were
	 * @param failed how many were not answered with success
	 * @param failure the first failure, empty if there is none
	 * @param lost changes that were confirmed, and are not there
	 * @param givenTwice ports whose address another port has, too
	 * @param seconds how long it took
	 * @param waits how long each call took, in nanoseconds, ascending
	 */
	record Result(long calls, long failed, String failure, long lost, long givenTwice, double seconds, long[] waits) {

		double waitMillis(double part) {
			return this.waits[(int) Math.ceil(part * this.waits.length) - 1] / 1e6;
		}

	}

	/**
	 * One caller, who makes one call after the other.
	 */
	private final class Caller implements Runnable {

		private final int number;

		private final Deque<String> ports = new ArrayDeque<>();

		private final long[] waits = new long[CALLS_PER_CALLER];

		private long changed;

		private String failure = "";

		Caller(int number) {
			this.number = number;
		}

		@Override
		public void run() {
			for (int call = 0; call < CALLS_PER_CALLER; call++) {
				long start = System.nanoTime();
				try {
					change(call);
					this.changed++;
				}
				catch (IOException ex) {
					this.failure = String.valueOf(ex.getMessage());
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					return;
				}
				finally {
					this.waits[call] = System.nanoTime() - start;
				}
			}
		}

		private void change(int call) throws IOException, InterruptedException {
			int count = Load.this.instances.size();
			Northbound instance = Load.this.instances.get(this.number % count);
			// Every network at every instance: else a lock within a process would do.
			String network = "/networks/net-" + (this.number / count + call) % NETWORKS;
			String oldPort = (call % 4 == 3) ? this.ports.poll() : null;
			if (oldPort != null) {
				instance.delete(oldPort);
			}
			else if (call % 4 == 2) {
				instance.put(network, "{\"projectId\": \"demo\", \"name\": \"renamed by %d\"}".formatted(this.number));
			}
			else {
				String port = instance.post(network + "/ports", "{\"name\": \"port %d\"}".formatted(call))
					.get("id")
					.asString();
				this.ports.add(network + "/ports/" + port);
			}
		}

	}

}
