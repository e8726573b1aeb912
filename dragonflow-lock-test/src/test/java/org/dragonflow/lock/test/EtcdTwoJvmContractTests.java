package org.dragonflow.lock.test;

import java.util.Map;
import java.util.UUID;

import org.dragonflow.lock.test.servers.EtcdServer;

/**
 * Two JVMs on one etcd.
 */
class EtcdTwoJvmContractTests extends TwoJvmContract {

	private final String keyPrefix = "test/" + UUID.randomUUID();

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "etcd", "dragonflow.lock.etcd.endpoints",
				EtcdServer.shared().endpoint().toString(), "dragonflow.lock.etcd.key-prefix", this.keyPrefix,
				"spring.autoconfigure.exclude",
				"org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration");
	}

}
