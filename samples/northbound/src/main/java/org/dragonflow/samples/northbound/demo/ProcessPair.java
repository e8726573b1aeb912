package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two processes of the service that share a database.
 */
final class ProcessPair implements AutoCloseable {

	private final List<NorthboundProcess> processes = new ArrayList<>();

	/**
	 * Starts both, without waiting until they are ready.
	 * @param name the common part of the processes' names
	 * @param directory where the logs go
	 * @param properties as on the command line of a Spring Boot application
	 * @throws IOException if one cannot be started
	 */
	ProcessPair(String name, Path directory, List<String> properties) throws IOException {
		for (String suffix : List.of("a", "b")) {
			this.processes.add(NorthboundProcess.start(name + "-" + suffix, directory, properties));
		}
		// However this JVM ends, short of a kill: then they see the end of their input.
		Runtime.getRuntime().addShutdownHook(new Thread(this::close));
	}

	/**
	 * Waits until both take requests.
	 * @param client to call them with
	 * @return the two instances
	 * @throws IOException if one does not start
	 * @throws InterruptedException if interrupted
	 */
	List<Northbound> awaitReady(HttpClient client) throws IOException, InterruptedException {
		List<Northbound> instances = new ArrayList<>();
		for (NorthboundProcess process : this.processes) {
			instances.add(new Northbound(client, process.awaitReady()));
		}
		return instances;
	}

	@Override
	public void close() {
		this.processes.forEach(NorthboundProcess::stop);
		this.processes.forEach(NorthboundProcess::close);
	}

}
