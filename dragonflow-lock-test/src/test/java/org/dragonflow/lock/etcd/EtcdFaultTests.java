package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.auth.Permission;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.Renewal;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An etcd that stops, hangs, or refuses.
 */
class EtcdFaultTests extends EtcdTestBase {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	@Test
	void aHoldAndAWaiterOutliveARestart() throws Exception {
		EtcdServer server = closing(EtcdServer.start());
		TestEtcd etcd = closing(TestEtcd.of(server, TIMEOUT));
		EtcdLockDriver holder = closing(etcd.driver());
		LockAttempt held = attempt(this.key);
		take(holder, held);
		EtcdLockDriver other = closing(etcd.driver());
		CompletableFuture<Grant> waiter = startWaiting(etcd, other, waiting(this.key));
		server.kill();
		awaitLater(Duration.ofSeconds(1), "everybody notices");
		server.restart();
		await("the hold can be renewed").ignoreExceptionsInstanceOf(LockStoreException.class)
			.until(() -> holder.renew(Set.of(held.hold()), LONG).lost().isEmpty());
		assertThat(waiter).as("the waiter while the lock is held").isNotDone();
		await("the hold can be released").ignoreExceptionsInstanceOf(LockStoreException.class)
			.until(() -> holder.release(held.hold()));
		assertThat(waiter).as("the waiter, long before the holder's lease ends").succeedsWithin(PATIENCE);
	}

	@Test
	void anEtcdThatIsDownIsToldAtOnceAndOneThatHangsAtTheTimeout() throws Exception {
		EtcdServer server = closing(EtcdServer.start());
		TestEtcd etcd = closing(TestEtcd.of(server, TIMEOUT));
		EtcdLockDriver driver = closing(etcd.driver());
		take(driver, attempt(newKey()));
		server.pause();
		assertUnreachableWithin(TIMEOUT.multipliedBy(2), () -> driver.acquire(waiting(this.key)));
		assertUnreachableWithin(TIMEOUT.multipliedBy(2), () -> driver.look(this.key));
		assertUnreachableWithin(TIMEOUT.multipliedBy(2), () -> driver.release(attempt(this.key).hold()));
		server.resume();
		server.kill();
		assertUnreachableWithin(TIMEOUT.multipliedBy(2), () -> driver.acquire(waiting(this.key)));
		EtcdLockDriver late = closing(etcd.driver());
		assertUnreachableWithin(TIMEOUT.multipliedBy(2), () -> late.acquire(waiting(this.key)));
		assertUnreachableWithin(TIMEOUT.multipliedBy(2), () -> late.look(this.key));
	}

	@Test
	void whatIsCarriedOutAfterItsCallerGaveUpBlocksNobody() throws Exception {
		EtcdServer server = closing(EtcdServer.start());
		TestEtcd etcd = closing(TestEtcd.of(server, TIMEOUT));
		EtcdLockDriver driver = closing(etcd.driver());
		// The same lease goes on for another hold.
		LockAttempt lasting = attempt(newKey(), Duration.ofSeconds(20), Duration.ZERO);
		take(driver, lasting);
		server.pause();
		assertUnreachableWithin(PATIENCE,
				() -> driver.acquire(attempt(this.key, Duration.ofSeconds(20), Duration.ZERO)));
		server.resume();
		await("only the other hold is left")
			.until(() -> etcd.all().size() == 1 && etcd.line(lasting.key()).size() == 1);
		assertThat(driver.renew(Set.of(lasting.hold()), Duration.ofSeconds(20)).lost()).as("the other hold").isEmpty();
		assertThat(driver.release(lasting.hold())).as("its release").isTrue();
		await("nothing is left").until(() -> etcd.all().isEmpty());
	}

	@Test
	void aDeadlineIsCountedFromWhenTheRenewalWasSent() throws Exception {
		Duration lease = Duration.ofSeconds(30);
		EtcdServer server = closing(EtcdServer.start());
		TestEtcd etcd = closing(TestEtcd.of(server));
		EtcdLockDriver driver = closing(etcd.driver());
		LockAttempt attempt = attempt(this.key, lease, Duration.ZERO);
		take(driver, attempt);
		server.pause();
		CompletableFuture<Duration> left = later(() -> {
			Renewal renewal = driver.renew(Set.of(attempt.hold()), lease);
			assertThat(renewal.lost()).as("what is lost").isEmpty();
			return renewal.renewed().values().iterator().next().remaining();
		});
		awaitLater(Duration.ofSeconds(2), "the renewal is under way");
		server.resume();
		assertThat(left).as("how long the hold lasts when the answer has come")
			.succeedsWithin(PATIENCE)
			.satisfies((time) -> assertThat(time).isLessThan(lease.minusSeconds(2)));
	}

	@Test
	void aFailedKeepAliveIsNoLossAndNoRenewal() throws Exception {
		Duration lease = Duration.ofSeconds(4);
		EtcdServer server = closing(EtcdServer.start());
		TestEtcd etcd = closing(TestEtcd.of(server, TIMEOUT));
		EtcdLockDriver driver = closing(etcd.driver());
		LockAttempt attempt = attempt(this.key, lease, Duration.ZERO);
		CompletableFuture<Boolean> told = new CompletableFuture<>();
		driver.onLoss((hold) -> told.complete(true));
		Grant grant = take(driver, attempt);
		server.kill();
		assertThatExceptionOfType(LockStoreException.class).as("a renewal without an etcd")
			.isThrownBy(() -> driver.renew(Set.of(attempt.hold()), lease));
		assertThat(told).as("a loss, before the lease has ended").isNotDone();
		await("the loss is told by the local clock").until(told::isDone);
		assertThat(grant.validUntil().hasPassed()).as("whether the lease has ended by then").isTrue();
	}

	@Test
	void aWrongPasswordIsRefusedAndAnExpiredTokenIsReplaced() throws Exception {
		EtcdServer server = closing(EtcdServer.start("--auth-token-ttl", "1"));
		TestEtcd etcd = closing(TestEtcd.of(server));
		enableAuthentication(etcd);
		EtcdLockDriver nobody = closing(etcd.driver());
		assertRefused(() -> nobody.look(this.key), "user name is empty");
		EtcdLockDriver wrong = closing(EtcdLockDriver.owning(client(server, "locks", "wrong"), etcd.settings()));
		assertRefused(() -> wrong.acquire(attempt(this.key)), "invalid user ID or password");
		EtcdLockDriver elsewhere = closing(EtcdLockDriver.owning(client(server, "locks", "secret"),
				new EtcdLockSettings("elsewhere", TestEtcd.TIMEOUT)));
		assertRefused(() -> elsewhere.acquire(attempt(this.key)), "permission denied");
		EtcdLockDriver driver = closing(EtcdLockDriver.owning(client(server, "locks", "secret"), etcd.settings()));
		EtcdLockDriver waiting = closing(EtcdLockDriver.owning(client(server, "locks", "secret"), etcd.settings()));
		LockAttempt attempt = attempt(this.key, Duration.ofSeconds(3), Duration.ZERO);
		take(driver, attempt);
		CompletableFuture<Grant> waiter = later(() -> take(waiting, waiting(this.key)));
		for (int i = 0; i < 4; i++) {
			awaitLater(Duration.ofMillis(1500), "the token expires");
			assertThat(driver.renew(Set.of(attempt.hold()), Duration.ofSeconds(3)).lost()).as("what is lost").isEmpty();
		}
		assertThat(driver.release(attempt.hold())).as("the release").isTrue();
		assertThat(waiter).as("the waiter").succeedsWithin(PATIENCE);
	}

	private static void enableAuthentication(TestEtcd etcd) throws Exception {
		Auth auth = etcd.client().getAuthClient();
		auth.userAdd(EtcdKeys.bytes("root"), EtcdKeys.bytes("root")).get();
		auth.userGrantRole(EtcdKeys.bytes("root"), EtcdKeys.bytes("root")).get();
		auth.userAdd(EtcdKeys.bytes("locks"), EtcdKeys.bytes("secret")).get();
		auth.roleAdd(EtcdKeys.bytes("locker")).get();
		String prefix = etcd.keys().prefix();
		ByteSequence end = EtcdKeys.bytes(prefix.substring(0, prefix.length() - 1) + "0");
		auth.roleGrantPermission(EtcdKeys.bytes("locker"), EtcdKeys.bytes(prefix), end, Permission.Type.READWRITE)
			.get();
		auth.userGrantRole(EtcdKeys.bytes("locks"), EtcdKeys.bytes("locker")).get();
		auth.authEnable().get();
	}

	private static ClientBuilder client(EtcdServer server, String user, String password) {
		return Client.builder()
			.endpoints(server.endpoint())
			.user(EtcdKeys.bytes(user))
			.password(EtcdKeys.bytes(password));
	}

	private static void assertRefused(ThrowingCall call, String reason) {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(call::run)
			.withMessageContaining(reason)
			.withMessageContaining("dragonflow.lock.etcd")
			.matches(LockStoreException::isRefused, "is a refusal");
	}

	private static void assertUnreachableWithin(Duration limit, ThrowingCall call) {
		CompletableFuture<?> failed = later(() -> {
			call.run();
			return true;
		});
		assertThat(failed).as("a call")
			.failsWithin(limit.plusSeconds(1))
			.withThrowableThat()
			.withCauseInstanceOf(LockStoreException.class)
			.extracting(Throwable::getCause, InstanceOfAssertFactories.type(LockStoreException.class))
			.returns(false, LockStoreException::isRefused);
	}

	private interface ThrowingCall {

		void run() throws Exception;

	}

}
