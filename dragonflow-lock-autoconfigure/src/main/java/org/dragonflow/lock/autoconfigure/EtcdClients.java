package org.dragonflow.lock.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.util.List;

import javax.net.ssl.SSLException;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;

/**
 * Makes a client of etcd of what is configured.
 */
final class EtcdClients {

	private EtcdClients() {
	}

	static ClientBuilder builder(EtcdLockProperties properties, @Nullable SslBundles sslBundles) {
		properties.checkUser();
		ClientBuilder builder = Client.builder().endpoints(properties.checkedEndpoints());
		if (properties.getUser() != null && properties.getPassword() != null) {
			builder.user(bytes(properties.getUser())).password(bytes(properties.getPassword()));
		}
		String bundle = properties.getSsl().getBundle();
		if (bundle != null) {
			if (sslBundles == null) {
				throw new IllegalStateException("There are no SSL bundles to find '" + bundle + "' in");
			}
			builder.sslContext(sslContext(sslBundles.getBundle(bundle)));
		}
		return builder;
	}

	private static SslContext sslContext(SslBundle bundle) {
		SslContextBuilder context = SslContextBuilder.forClient()
			.keyManager(bundle.getManagers().getKeyManagerFactory())
			.trustManager(bundle.getManagers().getTrustManagerFactory());
		SslOptions options = bundle.getOptions();
		if (options.getCiphers() != null) {
			context.ciphers(List.of(options.getCiphers()));
		}
		if (options.getEnabledProtocols() != null) {
			context.protocols(options.getEnabledProtocols());
		}
		try {
			return GrpcSslContexts.configure(context).build();
		}
		catch (SSLException ex) {
			throw new IllegalStateException("The SSL bundle cannot be used for etcd", ex);
		}
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

}
