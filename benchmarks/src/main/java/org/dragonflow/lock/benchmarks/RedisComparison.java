package org.dragonflow.lock.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.sun.management.OperatingSystemMXBean;
import org.dragonflow.lock.benchmarks.Crowd.Turn;
import org.dragonflow.lock.benchmarks.RedisContender.Client;
import org.dragonflow.lock.test.servers.RedisServer;

/**
 * The redis driver beside the bare protocol, on one server. The contenders take turns of
 * a second each, again and again, so that whatever else the machine does meets all of
 * them. Of all turns it prints the middle one, the lowest and the highest, and of the
 * ratios, each of which is of two neighbouring turns, the middle one.
 */
public final class RedisComparison {

	private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final Pattern COMMAND = Pattern.compile("cmdstat_(?:evalsha|eval|blpop|lpush):calls=(\\d+)");

	private static final Pattern CPU = Pattern.compile("used_cpu_(?:sys|user):([0-9.]+)");

	private static final OperatingSystemMXBean OWN_PROCESS = ManagementFactory
		.getPlatformMXBean(OperatingSystemMXBean.class);

	private final RedisServer server;

	private final int turns;

	private RedisComparison(RedisServer server, int turns) {
		this.server = server;
		this.turns = turns;
	}

	/**
	 * Runs it.
	 * @param args how many turns each contender has, 11 unless given
	 */
	public static void main(String[] args) {
		try (RedisServer server = RedisServer.start()) {
			RedisComparison comparison = new RedisComparison(server,
					(args.length > 0) ? Integer.parseInt(args[0]) : 11);
			comparison.alone(1);
			comparison.alone(16);
			comparison.handOff();
			comparison.crowd();
		}
	}

	/**
	 * Each thread has an id of its own, so nobody waits.
	 */
	private void alone(int threads) {
		compare("threads with an id of their own: " + threads, 1, RedisContender.RAW, RedisContender.THIS_PROJECT,
				(clients) -> {
					double server = serverMicros();
					long client = OWN_PROCESS.getProcessCpuTime();
					Turn turn = new Crowd(clients, threads, 0).run(TURN_NANOS, (thread) -> "own-" + thread);
					double clientMicros = (OWN_PROCESS.getProcessCpuTime() - client) / 1e3;
					return List.of(new Figure("cycles per second", turn.cyclesPerSecond()),
							new Figure("processor time of both per cycle, us",
									(serverMicros() - server + clientMicros) / turn.cycles()));
				});
	}

	private void handOff() {
		compare("a waiter in another client", 2, RedisContender.BLOCKING_POP, RedisContender.THIS_PROJECT,
				(clients) -> List.of(new Figure("microseconds from the release to the grant",
						HandOffs.medianMicros(clients.get(0), clients.get(1), 120))));
	}

	private void crowd() {
		compare("4 clients of 25 threads that want one id for a millisecond each", 4, RedisContender.BLOCKING_POP,
				RedisContender.THIS_PROJECT, (clients) -> {
					double before = commands();
					Turn turn = new Crowd(clients, 25, HOLD_NANOS).run(4 * TURN_NANOS, (thread) -> HandOffs.OBJECT_ID);
					return List.of(new Figure("cycles per second", turn.cyclesPerSecond()),
							new Figure("commands per cycle", (commands() - before) / turn.cycles()),
							new Figure("fewest holds of a thread to most", turn.fairness()),
							new Figure("99th percentile of waits, ms", turn.longWaitMillis()));
				});
	}

	private void compare(String title, int clientsOfEach, RedisContender base, RedisContender project,
			Function<List<Client>, List<Figure>> turn) {
		System.out.println(title);
		this.server.cli("FLUSHALL");
		try (Side one = Side.of(base, clientsOfEach, this.server.port());
				Side other = Side.of(project, clientsOfEach, this.server.port())) {
			// The first turns are for the compilers.
			for (int i = -3; i < this.turns; i++) {
				List<Figure> ofOne = turn.apply(one.clients);
				List<Figure> ofOther = turn.apply(other.clients);
				if (i >= 0) {
					one.turns.add(ofOne);
					other.turns.add(ofOther);
				}
			}
			for (int figure = 0; figure < one.turns.get(0).size(); figure++) {
				one.print(figure);
				other.print(figure);
				List<Double> ratios = new ArrayList<>();
				for (int i = 0; i < this.turns; i++) {
					ratios.add(other.turns.get(i).get(figure).value / one.turns.get(i).get(figure).value);
				}
				System.out.printf(Locale.ROOT, "%64s %10.2f%n", "ratio", middle(ratios));
			}
		}
	}

	private static double middle(List<Double> values) {
		return values.stream().sorted().toList().get(values.size() / 2);
	}

	private double commands() {
		return sum(COMMAND, "commandstats");
	}

	private double serverMicros() {
		return sum(CPU, "cpu") * 1e6;
	}

	private double sum(Pattern pattern, String section) {
		return pattern.matcher(this.server.cli("INFO", section))
			.results()
			.mapToDouble((result) -> Double.parseDouble(result.group(1)))
			.sum();
	}

	private record Figure(String name, double value) {
	}

	/**
	 * One of the two that are compared.
	 */
	private record Side(RedisContender contender, List<Client> clients,
			List<List<Figure>> turns) implements AutoCloseable {

		static Side of(RedisContender contender, int clients, int port) {
			List<Client> connected = Stream.generate(() -> contender.connect(port)).limit(clients).toList();
			connected.get(0).create(HandOffs.OBJECT_ID);
			return new Side(contender, connected, new ArrayList<>());
		}

		void print(int figure) {
			List<Double> values = this.turns.stream().map((turn) -> turn.get(figure).value).sorted().toList();
			System.out.printf(Locale.ROOT, "  %-45s %-16s %10.2f (%.2f to %.2f)%n", this.turns.get(0).get(figure).name,
					this.contender, middle(values), values.get(0), values.get(values.size() - 1));
		}

		@Override
		public void close() {
			this.clients.forEach(Client::close);
		}

	}

}
