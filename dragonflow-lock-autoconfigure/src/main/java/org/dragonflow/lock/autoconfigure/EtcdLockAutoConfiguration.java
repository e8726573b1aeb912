package org.dragonflow.lock.autoconfigure;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import org.dragonflow.lock.etcd.EtcdLockDriver;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@code dragonflow.lock.driver=etcd}: locks in etcd, by the
 * application's own {@link Client} if it has one.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class, after = SslAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "etcd")
@ConditionalOnClass(Client.class)
@ConditionalOnMissingBean(LockDriver.class)
@EnableConfigurationProperties(EtcdLockProperties.class)
public final class EtcdLockAutoConfiguration {

	@Bean
	EtcdLockDriver etcdLockDriver(EtcdLockProperties properties, ObjectProvider<Client> clients,
			ObjectProvider<SslBundles> sslBundles) {
		Client given = clients.getIfAvailable();
		if (given != null) {
			return EtcdLockDriver.with(given, properties.toSettings());
		}
		ClientBuilder client = EtcdClients.builder(properties, sslBundles.getIfAvailable());
		return EtcdLockDriver.owning(client, properties.toSettings());
	}

}
