package org.dragonflow.lock.zookeeper;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;

import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * Makes clients of ZooKeeper that give an attempt at a connection up after a timeout, and
 * make another. By itself the library waits for the session's timeout divided by the
 * number of servers: with one server, until the session has ended. And a server that
 * starts may accept a connection and never read from it, as may one that hangs.
 * <p>
 * For a client of the application's own, say so to
 * {@code CuratorFrameworkFactory.builder().zookeeperFactory(...)}.
 */
public final class PromptZookeeperFactory implements ZookeeperFactory {

	private final Duration timeout;

	/**
	 * Creates a factory.
	 * @param timeout how long to wait for a connection at most; at least a millisecond
	 */
	public PromptZookeeperFactory(Duration timeout) {
		this.timeout = timeout;
	}

	@Override
	public ZooKeeper newZooKeeper(String connectString, int sessionTimeout, Watcher watcher, boolean canBeReadOnly)
			throws Exception {
		return newZooKeeper(connectString, sessionTimeout, watcher, canBeReadOnly, null);
	}

	@Override
	public ZooKeeper newZooKeeper(String connectString, int sessionTimeout, Watcher watcher, boolean canBeReadOnly,
			@Nullable ZKClientConfig config) throws Exception {
		HostProvider servers = new StaticHostProvider(new ConnectStringParser(connectString).getServerAddresses());
		long attempts = sessionTimeout / Math.max(1, this.timeout.toMillis());
		return new ZooKeeper(connectString, sessionTimeout, watcher, canBeReadOnly,
				new ManyHosts(servers, (int) attempts), config);
	}

	/**
	 * The servers, of which there seem to be as many as attempts are to be made within
	 * the session's timeout. The library asks for the number for nothing else.
	 */
	private static final class ManyHosts implements HostProvider {

		private final HostProvider servers;

		private final int attempts;

		ManyHosts(HostProvider servers, int attempts) {
			this.servers = servers;
			this.attempts = attempts;
		}

		@Override
		public int size() {
			return Math.max(this.attempts, this.servers.size());
		}

		@Override
		public InetSocketAddress next(long spinDelay) {
			return this.servers.next(spinDelay);
		}

		@Override
		public void onConnected() {
			this.servers.onConnected();
		}

		@Override
		public boolean updateServerList(Collection<InetSocketAddress> addresses, InetSocketAddress present) {
			return this.servers.updateServerList(addresses, present);
		}

	}

}
