package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/**
 * A Redis of the demonstration's own, from the program on the search path. It keeps
 * nothing.
 *
 * @param process Redis
 * @param properties that lead to it
 */
record RedisStore(StoreProcess process, List<String> properties) implements DemoStore {

	static List<String> at(String address) {
		int colon = address.lastIndexOf(':');
		if (colon < 0) {
			throw new IllegalArgumentException("'" + address + "' is not an address of the form host:port");
		}
		return List.of("--spring.data.redis.host=" + address.substring(0, colon),
				"--spring.data.redis.port=" + address.substring(colon + 1));
	}

	static RedisStore start(Path directory) throws IOException, InterruptedException {
		int port = StoreProcess.freePort();
		List<String> command = List.of("redis-server", "--port", String.valueOf(port), "--bind", "127.0.0.1", "--save",
				"", "--appendonly", "no");
		return new RedisStore(StoreProcess.start("redis", directory, command, () -> isListening(port)),
				at("127.0.0.1:" + port));
	}

	private static boolean isListening(int port) {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
			return true;
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
