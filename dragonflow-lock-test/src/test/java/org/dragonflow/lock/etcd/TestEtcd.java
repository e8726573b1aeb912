package org.dragonflow.lock.etcd;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.EtcdCluster;
import org.dragonflow.lock.test.servers.EtcdServer;

/**
 * A part of an etcd that nobody else uses, drivers for it, and a client to look into it.
 */
final class TestEtcd implements AutoCloseable {

	static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final List<URI> endpoints;

	private final EtcdLockSettings settings;

	private final EtcdKeys keys;

	private final Client client;

	private TestEtcd(List<URI> endpoints, Duration timeout) {
		this.endpoints = endpoints;
		this.settings = new EtcdLockSettings("test/" + UUID.randomUUID(), timeout);
		this.keys = new EtcdKeys(this.settings.keyPrefix());
		this.client = Client.builder().endpoints(endpoints).build();
	}

	static TestEtcd of(EtcdServer server) {
		return of(server, TIMEOUT);
	}

	static TestEtcd of(EtcdServer server, Duration timeout) {
		return new TestEtcd(List.of(server.endpoint()), timeout);
	}

	static TestEtcd of(EtcdCluster cluster, Duration timeout) {
		return new TestEtcd(cluster.endpoints(), timeout);
	}

	/**
	 * A driver as another process would have it.
	 */
	EtcdLockDriver driver() {
		return EtcdLockDriver.owning(Client.builder().endpoints(this.endpoints), this.settings);
	}

	EtcdLockSettings settings() {
		return this.settings;
	}

	EtcdKeys keys() {
		return this.keys;
	}

	Client client() {
		return this.client;
	}

	List<KeyValue> all() {
		return find(this.keys.prefix());
	}

	/**
	 * The keys of a lock, the holder's first.
	 */
	List<KeyValue> line(LockKey key) {
		return find(this.keys.queue(key));
	}

	private List<KeyValue> find(String prefix) {
		try {
			ByteSequence bytes = EtcdKeys.bytes(prefix);
			return this.client.getKVClient()
				.get(bytes,
						GetOption.builder()
							.withPrefix(bytes)
							.withSortField(GetOption.SortTarget.CREATE)
							.withSortOrder(GetOption.SortOrder.ASCEND)
							.build())
				.get(30, TimeUnit.SECONDS)
				.getKvs();
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			throw new IllegalStateException("Cannot read " + prefix, ex);
		}
	}

	/**
	 * Ends the lease of the holder's key, and whatever else lives by it.
	 */
	void revokeHolder(LockKey key) throws Exception {
		this.client.getLeaseClient().revoke(line(key).get(0).getLease()).get(30, TimeUnit.SECONDS);
	}

	void delete(ByteSequence key) throws Exception {
		this.client.getKVClient().delete(key).get(30, TimeUnit.SECONDS);
	}

	@Override
	public void close() {
		this.client.close();
	}

}
