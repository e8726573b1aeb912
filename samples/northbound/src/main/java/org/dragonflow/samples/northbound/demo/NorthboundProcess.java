package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One process of the service.
 */
final class NorthboundProcess implements AutoCloseable {

	private static final Duration START_LIMIT = Duration.ofSeconds(90);

	private final Process process;

	private final Path portFile;

	private final Path log;

	private NorthboundProcess(Process process, Path portFile, Path log) {
		this.process = process;
		this.portFile = portFile;
		this.log = log;
	}

	/**
	 * Starts a process from the jar of the service, which is this JVM's class path,
	 * without waiting until it is ready.
	 * @param name of the process, for its log
	 * @param directory where the log goes
	 * @param properties as on the command line of a Spring Boot application
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	static NorthboundProcess start(String name, Path directory, List<String> properties) throws IOException {
		return start(name, directory, List.of("-Dloader.main=" + NorthboundProcessMain.class.getName(),
				"org.springframework.boot.loader.launch.PropertiesLauncher"), properties);
	}

	/**
	 * Starts a process by another main class, without waiting until it is ready.
	 * @param name of the process, for its log
	 * @param directory where the log goes
	 * @param main the main class, which must do as {@link NorthboundProcessMain} does,
	 * after options of the JVM
	 * @param properties as on the command line of a Spring Boot application
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	static NorthboundProcess start(String name, Path directory, List<String> main, List<String> properties)
			throws IOException {
		Path log = directory.resolve(name + ".log");
		Path portFile = directory.resolve(name + ".port");
		Files.deleteIfExists(portFile);
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		// Both processes are short-lived: start fast rather than run fast.
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
		command.addAll(List.of("-cp", System.getProperty("java.class.path")));
		command.addAll(main);
		command.add(portFile.toString());
		command.add("--server.port=0");
		command.addAll(properties);
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		return new NorthboundProcess(process, portFile, log);
	}

	/**
	 * Waits until the process takes requests.
	 * @return where it does
	 * @throws IOException if it does not start; the message has its log
	 * @throws InterruptedException if interrupted
	 */
	URI awaitReady() throws IOException, InterruptedException {
		long start = System.nanoTime();
		while (!Files.exists(this.portFile)) {
			boolean late = System.nanoTime() - start > START_LIMIT.toNanos();
			if (late || this.process.waitFor(50, TimeUnit.MILLISECONDS)) {
				throw new IOException("A process of the service did not start. The end of its log, " + this.log + ":\n"
						+ lastLines());
			}
		}
		return URI.create("http://localhost:" + Files.readString(this.portFile));
	}

	Process process() {
		return this.process;
	}

	private String lastLines() throws IOException {
		List<String> lines = Files.readAllLines(this.log);
		return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
	}

	/**
	 * Asks the process to end, without waiting for it.
	 */
	void stop() {
		this.process.destroy();
	}

	/**
	 * Ends the process, by force if it takes more than a few seconds.
	 */
	@Override
	public void close() {
		stop();
		try {
			if (this.process.waitFor(10, TimeUnit.SECONDS)) {
				return;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.process.destroyForcibly();
	}

}
