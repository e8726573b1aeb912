package org.dragonflow.lock.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import org.dragonflow.lock.etcd.EtcdLockSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What holds for locks in etcd.
 */
@ConfigurationProperties("dragonflow.lock.etcd")
public final class EtcdLockProperties {

	/**
	 * Members of etcd, as URLs with their ports. Not used if the application has a Client
	 * bean of its own.
	 */
	private List<URI> endpoints = List.of(URI.create("http://localhost:2379"));

	/**
	 * User to log in as, where etcd asks for one.
	 */
	private @Nullable String user;

	/**
	 * The user's password.
	 */
	private @Nullable String password;

	/**
	 * What the keys of all locks begin with, followed by a slash. Instances are told of
	 * all releases under their prefix.
	 */
	private String keyPrefix = EtcdLockSettings.DEFAULT_KEY_PREFIX;

	/**
	 * How long to wait for a connection, and for the answer to a call.
	 */
	private Duration timeout = EtcdLockSettings.defaults().timeout();

	private final Ssl ssl = new Ssl();

	public List<URI> getEndpoints() {
		return this.endpoints;
	}

	public void setEndpoints(List<URI> endpoints) {
		this.endpoints = endpoints;
	}

	public @Nullable String getUser() {
		return this.user;
	}

	public void setUser(@Nullable String user) {
		this.user = user;
	}

	public @Nullable String getPassword() {
		return this.password;
	}

	public void setPassword(@Nullable String password) {
		this.password = password;
	}

	public String getKeyPrefix() {
		return this.keyPrefix;
	}

	public void setKeyPrefix(String keyPrefix) {
		this.keyPrefix = keyPrefix;
	}

	public Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	public Ssl getSsl() {
		return this.ssl;
	}

	EtcdLockSettings toSettings() {
		EtcdLockSettings defaults = EtcdLockSettings.defaults();
		check("key-prefix", this.keyPrefix, () -> new EtcdLockSettings(this.keyPrefix, defaults.timeout()));
		check("timeout", this.timeout, () -> new EtcdLockSettings(defaults.keyPrefix(), this.timeout));
		return new EtcdLockSettings(this.keyPrefix, this.timeout);
	}

	/**
	 * The endpoints, each with scheme, host and port.
	 */
	List<URI> checkedEndpoints() {
		if (this.endpoints.isEmpty()) {
			throw invalid("endpoints", this.endpoints, "There must be one at least");
		}
		String scheme = (this.ssl.getBundle() != null) ? "https" : "http";
		for (URI endpoint : this.endpoints) {
			if (endpoint.getHost() == null || !scheme.equals(endpoint.getScheme())) {
				throw invalid("endpoints", endpoint, "An endpoint must be a URL such as " + scheme
						+ "://localhost:2379; 'https' goes with 'dragonflow.lock.etcd.ssl.bundle', 'http' without");
			}
		}
		return this.endpoints;
	}

	void checkUser() {
		if ((this.user == null) != (this.password == null)) {
			throw invalid("user", this.user, "A user needs a password, and a password a user");
		}
	}

	// One at a time, so that the report names the property that is wrong.
	private static void check(String name, Object value, Supplier<EtcdLockSettings> settings) {
		try {
			settings.get();
		}
		catch (IllegalArgumentException ex) {
			throw invalid(name, value, String.valueOf(ex.getMessage()));
		}
	}

	private static RuntimeException invalid(String name, @Nullable Object value, String reason) {
		return new InvalidConfigurationPropertyValueException("dragonflow.lock.etcd." + name, value, reason);
	}

	/**
	 * How connections are secured.
	 */
	public static final class Ssl {

		/**
		 * Name of the SSL bundle to connect with.
		 */
		private @Nullable String bundle;

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

	}

}
