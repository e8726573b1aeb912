package org.dragonflow.samples.northbound.demo;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The process of a store, which ends with this JVM, however that ends.
 */
final class StoreProcess implements AutoCloseable {

	// Standard input is a pipe from this JVM: it ends when that does.
	private static final String SUPERVISOR = """
			trap '' HUP INT TERM
			"$@" </dev/null &
			store=$!
			read -r end
			kill -s KILL "$store"
			""";

	private static final Duration START_LIMIT = Duration.ofSeconds(30);

	private final Process process;

	private StoreProcess(Process process) {
		this.process = process;
	}

	/**
	 * Starts a store, and waits until it answers.
	 * @param driver the driver that it is for
	 * @param directory where its log goes
	 * @param command the program, which must be on the search path, and its arguments
	 * @param answers whether it does
	 * @return the process
	 * @throws IOException if the program is not installed, or does not start
	 * @throws InterruptedException if interrupted
	 */
	static StoreProcess start(String driver, Path directory, List<String> command, BooleanSupplier answers)
			throws IOException, InterruptedException {
		requireProgram(driver, command.get(0));
		Path log = directory.resolve(driver + ".log");
		List<String> supervised = new ArrayList<>(List.of("sh", "-c", SUPERVISOR, driver));
		supervised.addAll(command);
		StoreProcess store = new StoreProcess(
				new ProcessBuilder(supervised).redirectErrorStream(true).redirectOutput(log.toFile()).start());
		long start = System.nanoTime();
		while (!answers.getAsBoolean()) {
			boolean late = System.nanoTime() - start > START_LIMIT.toNanos();
			if (late || store.process.waitFor(50, TimeUnit.MILLISECONDS)
					|| store.process.toHandle().children().findAny().isEmpty()) {
				store.close();
				throw new IOException(command.get(0) + " did not start. Its log is " + log);
			}
		}
		return store;
	}

	private static void requireProgram(String driver, String program) throws IOException {
		for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
			if (Files.isExecutable(Path.of(directory, program))) {
				return;
			}
		}
		throw new IOException("There is no " + program + " on the PATH. Install it (bin/setup does), or name a store"
				+ " that runs by the environment variable " + DemoStore.variable(driver) + "=host:port");
	}

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	@Override
	public void close() {
		try {
			this.process.getOutputStream().close();
			this.process.waitFor(10, TimeUnit.SECONDS);
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot tell a store to end", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
