package org.dragonflow.lock.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.dragonflow.lock.zookeeper.PromptZookeeperFactory;
import org.dragonflow.lock.zookeeper.ZooKeeperLockSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What holds for locks in ZooKeeper. Where the application has a CuratorFramework of its
 * own, that is used, and only the root, the timeout and the rights count.
 *
 * @param connectString Servers, as host:port with commas in between, optionally with a
 * path at the end.
 * @param root Node below which the locks are. Created when missing.
 * @param sessionTimeout How long a crashed process keeps its locks. As long as
 * dragonflow.lock.lease by default. The servers allow from 2 to 20 ticks, and take the
 * nearest.
 * @param timeout How long to wait for a connection, and for the answer to a request.
 * @param authScheme Scheme that the client is authenticated by, such as digest.
 * @param authValue What it is authenticated with, such as user:password for the scheme
 * digest.
 * @param creatorOnly Whether only clients with the same authentication may touch the
 * nodes. True by default where there is an auth-scheme.
 */
@ConfigurationProperties("dragonflow.lock.zookeeper")
public record ZooKeeperLockProperties(@DefaultValue("localhost:2181") String connectString,
		@DefaultValue(ZooKeeperLockSettings.DEFAULT_ROOT) String root, @Nullable Duration sessionTimeout,
		@DefaultValue("5s") Duration timeout, @Nullable String authScheme, @Nullable String authValue,
		@Nullable Boolean creatorOnly) {

	ZooKeeperLockSettings toSettings() {
		boolean creators = (this.creatorOnly != null) ? this.creatorOnly : this.authScheme != null;
		ZooKeeperLockSettings defaults = ZooKeeperLockSettings.defaults();
		// One at a time, so that the report names the property that is wrong.
		check("root", this.root, () -> new ZooKeeperLockSettings(this.root, defaults.timeout(), creators));
		check("timeout", this.timeout, () -> new ZooKeeperLockSettings(defaults.root(), this.timeout, creators));
		return new ZooKeeperLockSettings(this.root, this.timeout, creators);
	}

	/**
	 * A client of the driver's own, not started yet.
	 */
	CuratorFramework newClient(Duration lease) {
		Duration session = (this.sessionTimeout != null) ? this.sessionTimeout : lease;
		if (session.toMillis() < 1 || session.toMillis() > Integer.MAX_VALUE) {
			throw invalid("session-timeout", session, "must be at least 1ms and below 25 days");
		}
		if ((this.authScheme == null) != (this.authValue == null)) {
			throw invalid("auth-scheme", String.valueOf(this.authScheme), "needs an auth-value, and that a scheme");
		}
		CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
			.connectString(this.connectString)
			.sessionTimeoutMs((int) session.toMillis())
			.zookeeperFactory(new PromptZookeeperFactory(this.timeout))
			.connectionTimeoutMs((int) Math.min(this.timeout.toMillis(), session.toMillis()))
			// The driver tries again by itself, because it knows what that means.
			.retryPolicy(new RetryOneTime(100))
			.ensembleTracker(false);
		if (this.authScheme != null && this.authValue != null) {
			builder.authorization(this.authScheme, this.authValue.getBytes(StandardCharsets.UTF_8));
		}
		return build(builder);
	}

	private CuratorFramework build(CuratorFrameworkFactory.Builder builder) {
		try {
			return builder.build();
		}
		catch (IllegalArgumentException | NullPointerException ex) {
			throw invalid("connect-string", this.connectString, String.valueOf(ex.getMessage()));
		}
	}

	private static void check(String name, Object value, Runnable use) {
		try {
			use.run();
		}
		catch (IllegalArgumentException ex) {
			throw invalid(name, value, String.valueOf(ex.getMessage()));
		}
	}

	private static RuntimeException invalid(String name, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException("dragonflow.lock.zookeeper." + name, value, reason);
	}

}
