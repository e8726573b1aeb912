package org.dragonflow.lock.test;

import java.net.URI;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import org.dragonflow.lock.test.servers.EtcdCluster;

/**
 * Two JVMs on three members of etcd.
 */
class EtcdClusterTwoJvmContractTests extends TwoJvmContract {

	private final String keyPrefix = "test/" + UUID.randomUUID();

	@Override
	protected Map<String, String> properties() {
		String endpoints = EtcdCluster.shared()
			.endpoints()
			.stream()
			.map(URI::toString)
			.collect(Collectors.joining(","));
		return Map.of("dragonflow.lock.driver", "etcd", "dragonflow.lock.etcd.endpoints", endpoints,
				"dragonflow.lock.etcd.key-prefix", this.keyPrefix, "spring.autoconfigure.exclude",
				"org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration");
	}

}
