package org.dragonflow.lock.autoconfigure;

import org.apache.curator.framework.CuratorFramework;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.zookeeper.ZooKeeperLockDriver;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@code dragonflow.lock.driver=zookeeper}: locks in ZooKeeper, by
 * the application's own {@link CuratorFramework}, such as Spring Cloud Zookeeper's, or by
 * one that is for locks alone.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class,
		afterName = "org.springframework.cloud.zookeeper.ZookeeperAutoConfiguration")
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "zookeeper")
@ConditionalOnClass(CuratorFramework.class)
@ConditionalOnMissingBean(LockDriver.class)
@EnableConfigurationProperties({ ZooKeeperLockProperties.class, DragonflowLockProperties.class })
public final class ZooKeeperLockAutoConfiguration {

	@Bean
	ZooKeeperLockDriver zooKeeperLockDriver(ObjectProvider<CuratorFramework> clients,
			ZooKeeperLockProperties properties, DragonflowLockProperties lock) {
		CuratorFramework shared = clients.getIfAvailable();
		if (shared != null) {
			// Started by whoever has made it: maybe only with the application.
			return new ZooKeeperLockDriver(shared, properties.toSettings());
		}
		CuratorFramework own = properties.newClient(lock.lease());
		own.start();
		return ZooKeeperLockDriver.owning(own, properties.toSettings());
	}

}
