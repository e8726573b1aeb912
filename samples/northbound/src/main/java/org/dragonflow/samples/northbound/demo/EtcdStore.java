package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.springframework.util.FileSystemUtils;

/**
 * An etcd of the demonstration's own, from the program on the search path.
 *
 * @param process etcd
 * @param properties that lead to it
 */
record EtcdStore(StoreProcess process, List<String> properties) implements DemoStore {

	static List<String> at(String address) {
		return List.of("--dragonflow.lock.etcd.endpoints=http://" + address);
	}

	static EtcdStore start(Path directory) throws IOException, InterruptedException {
		Path data = directory.resolve("etcd");
		FileSystemUtils.deleteRecursively(data);
		Files.createDirectories(data);
		String address = "127.0.0.1:" + StoreProcess.freePort();
		String client = "http://" + address;
		String peer = "http://127.0.0.1:" + StoreProcess.freePort();
		List<String> command = List.of("etcd", "--name", "demo", "--data-dir", data.toString(), "--listen-client-urls",
				client, "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls",
				peer, "--initial-cluster", "demo=" + peer);
		return new EtcdStore(StoreProcess.start("etcd", directory, command, () -> isHealthy(client)), at(address));
	}

	private static boolean isHealthy(String client) {
		try {
			HttpURLConnection connection = (HttpURLConnection) URI.create(client + "/health").toURL().openConnection();
			connection.setReadTimeout(1000);
			return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
		}
		catch (IOException ex) {
			return false;
		}
	}

	@Override
	public void close() {
		this.process.close();
	}

}
