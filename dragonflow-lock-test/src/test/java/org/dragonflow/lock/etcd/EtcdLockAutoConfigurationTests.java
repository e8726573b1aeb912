package org.dragonflow.lock.etcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.EtcdLockAutoConfiguration;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContextException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The driver as an application gets it.
 */
class EtcdLockAutoConfigurationTests {

	private static final String PASSWORD = "changeit";

	private final String keyPrefix = "test/" + UUID.randomUUID();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EtcdLockAutoConfiguration.class,
				DragonflowLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=etcd", "dragonflow.lock.etcd.key-prefix=" + this.keyPrefix);

	private final ApplicationContextRunner application = this.runner
		.withPropertyValues("dragonflow.lock.etcd.endpoints=" + EtcdServer.shared().endpoint());

	@Test
	void twoApplicationsExcludeEachOther() {
		this.application.run((first) -> this.application.run((second) -> {
			assertThat(first).hasSingleBean(EtcdLockDriver.class);
			DistributedLock lock = first.getBean(DistributedLock.class);
			lock.lock("net-1");
			assertThat(second.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO)).isFalse();
			lock.unlock("net-1");
			assertThat(second.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO)).isTrue();
		}));
	}

	@Test
	void aLossIsToldToTheHolder() {
		try (Client client = client()) {
			this.application.run((context) -> {
				LockHandle hold = context.getBean(DistributedLock.class).acquire(LockRequest.of("net-1"));
				client.getKVClient()
					.delete(EtcdKeys.bytes(this.keyPrefix + "/"), DeleteOption.builder().isPrefix(true).build())
					.get();
				EtcdTestBase.await("the holder is told, without a renewal").until(() -> !hold.isHeld());
			});
		}
	}

	@Test
	void anApplicationsOwnClientIsUsed() {
		this.runner.withBean(Client.class, EtcdLockAutoConfigurationTests::client)
			// Nobody listens there.
			.withPropertyValues("dragonflow.lock.etcd.endpoints=http://localhost:1")
			.run((context) -> context.getBean(DistributedLock.class).run("net-1", () -> {
			}));
	}

	@Test
	void anApplicationsOwnClientIsLeftOpen() throws Exception {
		try (Client client = client()) {
			EtcdLockDriver driver = EtcdLockDriver.with(client, new EtcdLockSettings(this.keyPrefix, TestEtcd.TIMEOUT));
			assertThat(driver.look(EtcdTestBase.newKey())).isNull();
			driver.close();
			assertThat(client.getKVClient().get(EtcdKeys.bytes("x")).get().getKvs()).isEmpty();
		}
	}

	@Test
	void anEtcdThatCannotBeReachedIsToldAtStart() throws IOException {
		int port;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = socket.getLocalPort();
		}
		this.runner
			.withPropertyValues("dragonflow.lock.etcd.endpoints=http://127.0.0.1:" + port,
					"dragonflow.lock.etcd.timeout=3s")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.isInstanceOf(ApplicationContextException.class)
				.hasRootCauseInstanceOf(Exception.class)
				.satisfies((failure) -> assertThat(causes(failure)).as("the causes")
					.hasAtLeastOneElementOfType(LockStoreException.class)));
	}

	@Test
	void propertiesThatCannotBeAreNamedAtStart() {
		assertInvalid("dragonflow.lock.etcd.key-prefix", "with blanks");
		assertInvalid("dragonflow.lock.etcd.key-prefix", "");
		assertInvalid("dragonflow.lock.etcd.timeout", "0s");
		assertInvalid("dragonflow.lock.etcd.endpoints", "localhost:2379");
		assertInvalid("dragonflow.lock.etcd.endpoints", "https://localhost:2379");
		assertInvalid("dragonflow.lock.etcd.user", "nobody");
	}

	@Test
	void withoutItsLibraryThereIsNoDriver() {
		this.application.withClassLoader(new FilteredClassLoader(Client.class))
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("dragonflow.lock.driver"));
	}

	@Test
	void anSslBundleSecuresTheConnection(@TempDir Path directory) throws Exception {
		Path store = directory.resolve("server.p12");
		Path certificate = directory.resolve("server.crt");
		Path key = directory.resolve("server.key");
		makeCertificate(store, certificate, key);
		try (EtcdServer server = EtcdServer.startWithTls(certificate, key)) {
			ApplicationContextRunner secured = this.runner.withPropertyValues(
					"dragonflow.lock.etcd.endpoints=" + server.endpoint(), "dragonflow.lock.etcd.ssl.bundle=etcd",
					"dragonflow.lock.etcd.timeout=5s");
			secured.withPropertyValues("spring.ssl.bundle.pem.etcd.truststore.certificate=" + certificate.toUri())
				.run((context) -> context.getBean(DistributedLock.class).run("net-1", () -> {
				}));
			secured.run((context) -> assertThat(context).as("an application without that bundle").hasFailed());
		}
	}

	private void assertInvalid(String name, String value) {
		this.application.withPropertyValues(name + "=" + value)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
						(ex) -> assertThat(ex.getName()).isEqualTo(name)));
	}

	private static List<Throwable> causes(Throwable failure) {
		List<Throwable> causes = new ArrayList<>();
		for (Throwable next = failure; next != null; next = next.getCause()) {
			causes.add(next);
		}
		return causes;
	}

	private static Client client() {
		return Client.builder().endpoints(EtcdServer.shared().endpoint()).build();
	}

	private static void makeCertificate(Path store, Path certificateFile, Path keyFile) throws Exception {
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "etcd", "-keyalg", "RSA", "-dname", "CN=localhost", "-ext",
				"SAN=ip:127.0.0.1,dns:localhost", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass",
				PASSWORD)
			.inheritIO()
			.start();
		assertThat(keytool.waitFor()).as("keytool").isZero();
		KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
		Certificate certificate = keys.getCertificate("etcd");
		Key key = keys.getKey("etcd", PASSWORD.toCharArray());
		Files.writeString(certificateFile, pem("CERTIFICATE", certificate.getEncoded()));
		Files.writeString(keyFile, pem("PRIVATE KEY", key.getEncoded()));
	}

	private static String pem(String type, byte[] bytes) {
		return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + type
				+ "-----\n";
	}

}
