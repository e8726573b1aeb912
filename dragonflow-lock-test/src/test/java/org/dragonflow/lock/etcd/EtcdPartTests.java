package org.dragonflow.lock.etcd;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.faults.TcpProxy;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What takes several transactions, of which etcd refuses one: it is about keys that are
 * forbidden.
 */
class EtcdPartTests extends EtcdTestBase {

	private static final ByteSequence ROOT = EtcdKeys.bytes("root");

	private static final ByteSequence LOCKS = EtcdKeys.bytes("locks");

	// As many as one transaction reads, and two of them enter.
	private final List<LockAttempt> allowed = attempts("allowed-", LockQueue.READ_CHUNK);

	private final List<LockAttempt> forbidden = attempts("forbidden-", 5);

	private final List<LockAttempt> all = Stream.concat(this.allowed.stream(), this.forbidden.stream()).toList();

	@Test
	void aTransactionThatIsRefusedTakesOnlyItsOwnHolds() throws Exception {
		EtcdServer server = closing(EtcdServer.start());
		TestEtcd etcd = closing(TestEtcd.of(server));
		ByteSequence first = EtcdKeys.bytes(etcd.keys().prefix());
		ByteSequence border = EtcdKeys.bytes(etcd.keys().prefix() + "parts~f");
		ByteSequence end = EtcdKeys.bytes(etcd.keys().prefix().replaceAll("/$", "0"));
		enableAuthentication(etcd, List.of(first, border), List.of(border, end));
		try (TcpProxy proxy = new TcpProxy(server.endpoint().getPort());
				Client admin = Client.builder().endpoints(server.endpoint()).user(ROOT).password(ROOT).build();
				EtcdLockDriver driver = EtcdLockDriver.owning(Client.builder()
					.endpoints(URI.create("http://127.0.0.1:" + proxy.port()))
					.user(LOCKS)
					.password(LOCKS), etcd.settings())) {
			assertThat(driver.acquireFree(this.all)).as("the grants").doesNotContainNull();
			admin.getAuthClient().roleRevokePermission(LOCKS, border, end).get();
			// No watch tells any more what has become of the keys, so they are read.
			proxy.cut();
			await("the connection is back").ignoreExceptions()
				.until(() -> driver.look(this.allowed.get(0).key()) != null);
			Renewal renewal = driver.renew(holds(this.all), LONG);
			assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(holds(this.allowed));
			assertThat(renewal.lost()).as("what is lost").isEmpty();
			assertRefused(renewal.unknown());
			PartialAnswerException release = catchThrowableOfType(PartialAnswerException.class,
					() -> driver.releaseAll(holds(this.all)));
			assertThat(release.released()).as("what is released").isEqualTo(Set.copyOf(holds(this.allowed)));
			assertRefused(release.unknown());
			PartialAnswerException acquire = catchThrowableOfType(PartialAnswerException.class,
					() -> driver.acquireFree(this.all));
			assertThat(acquire.grants().subList(0, this.allowed.size())).as("the grants").doesNotContainNull();
			assertThat(acquire.grants().subList(this.allowed.size(), this.all.size()))
				.as("the grants of what is refused")
				.containsOnly((Grant) null);
			assertRefused(acquire.unknown());
			assertThat(driver.renew(holds(this.allowed), LONG).renewed()).as("what is held")
				.containsOnlyKeys(holds(this.allowed));
		}
	}

	private void assertRefused(Map<Hold, LockStoreException> unknown) {
		assertThat(new HashSet<>(unknown.keySet())).as("what is unknown").isEqualTo(Set.copyOf(holds(this.forbidden)));
		assertThat(unknown.values()).as("why")
			.allMatch(LockStoreException::isRefused)
			.allSatisfy((reason) -> assertThat(reason).hasMessageContaining("permission denied"));
	}

	@SafeVarargs
	private static void enableAuthentication(TestEtcd etcd, List<ByteSequence>... ranges) throws Exception {
		Auth auth = etcd.client().getAuthClient();
		auth.userAdd(ROOT, ROOT).get();
		auth.userGrantRole(ROOT, ROOT).get();
		auth.userAdd(LOCKS, LOCKS).get();
		auth.roleAdd(LOCKS).get();
		for (List<ByteSequence> range : ranges) {
			auth.roleGrantPermission(LOCKS, range.get(0), range.get(1), Permission.Type.READWRITE).get();
		}
		auth.userGrantRole(LOCKS, LOCKS).get();
		auth.authEnable().get();
	}

	private static List<LockAttempt> attempts(String prefix, int count) {
		List<LockAttempt> attempts = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			attempts.add(attempt(new LockKey("parts", prefix + i)));
		}
		return attempts;
	}

	private static List<Hold> holds(List<LockAttempt> attempts) {
		return attempts.stream().map(LockAttempt::hold).toList();
	}

}
