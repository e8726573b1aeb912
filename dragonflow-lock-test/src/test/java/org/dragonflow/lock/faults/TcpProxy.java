package org.dragonflow.lock.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

import org.awaitility.Awaitility;

/**
 * A way to a server on this host that can lose the server's replies, delay them, and
 * change what is asked.
 */
public final class TcpProxy implements Closeable {

	private final int serverPort;

	private final ServerSocket socket;

	private final List<Connection> connections = new CopyOnWriteArrayList<>();

	private volatile boolean losing;

	private volatile long delayMillis;

	private volatile UnaryOperator<String> rewriting = UnaryOperator.identity();

	public TcpProxy(int serverPort) {
		this.serverPort = serverPort;
		try {
			this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		start(this::accept);
	}

	public int port() {
		return this.socket.getLocalPort();
	}

	/**
	 * From now on the server gets every request, and its replies vanish.
	 */
	public synchronized void loseReplies() {
		this.losing = true;
		this.connections.forEach((connection) -> connection.losing = true);
	}

	/**
	 * Connections made from now on work. Those of before stay silent.
	 */
	public synchronized void heal() {
		this.losing = false;
	}

	/**
	 * From now on each reply comes late.
	 */
	public void delayReplies(Duration delay) {
		this.delayMillis = delay.toMillis();
	}

	/**
	 * From now on the server gets something else than what clients have sent.
	 * @param rewriting keeps the length of what it is given, which has a character for
	 * each byte
	 */
	public void rewriteRequests(UnaryOperator<String> rewriting) {
		this.rewriting = rewriting;
	}

	/**
	 * Ends all connections; the clients may make new ones.
	 */
	public synchronized void cut() {
		this.connections.forEach(Connection::close);
		this.connections.removeIf((connection) -> connection.client.isClosed());
	}

	/**
	 * Waits until a client has connected.
	 */
	public void awaitConnection() {
		Awaitility.await("a client connects").until(() -> !this.connections.isEmpty());
	}

	@Override
	public void close() {
		closeQuietly(this.socket);
		this.connections.forEach(Connection::close);
	}

	// Whether it loses replies is decided before or after that changes, and not
	// meanwhile.
	private synchronized Connection add(Socket client, Socket server) {
		Connection connection = new Connection(client, server, this.losing);
		this.connections.add(connection);
		return connection;
	}

	private void accept() {
		while (!this.socket.isClosed()) {
			try {
				Socket client = this.socket.accept();
				Connection connection = add(client, new Socket(InetAddress.getLoopbackAddress(), this.serverPort));
				start(() -> connection.pump(connection.client, connection.server, false));
				start(() -> connection.pump(connection.server, connection.client, true));
			}
			catch (IOException ex) {
				// Closed, or the server does not listen: the client sees that by itself.
				continue;
			}
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "tcp-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	private static void closeQuietly(Closeable closeable) {
		try {
			closeable.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private final class Connection {

		private final Socket client;

		private final Socket server;

		private volatile boolean losing;

		Connection(Socket client, Socket server, boolean losing) {
			this.client = client;
			this.server = server;
			this.losing = losing;
		}

		void pump(Socket from, Socket to, boolean replies) {
			byte[] buffer = new byte[8192];
			try (InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
				int count;
				while ((count = in.read(buffer)) != -1) {
					if (replies) {
						Thread.sleep(TcpProxy.this.delayMillis);
					}
					if (!replies) {
						String request = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
						out.write(TcpProxy.this.rewriting.apply(request).getBytes(StandardCharsets.ISO_8859_1));
					}
					else if (!this.losing) {
						out.write(buffer, 0, count);
					}
				}
			}
			catch (IOException | InterruptedException ex) {
				// One side is gone, so the other goes too.
			}
			finally {
				close();
			}
		}

		void close() {
			closeQuietly(this.client);
			closeQuietly(this.server);
		}

	}

}
