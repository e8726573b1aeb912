package org.dragonflow.lock.test;

import java.util.List;
import java.util.Set;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.integration.zookeeper.lock.ZookeeperLockRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The cases that apply, on Spring Integration's registry for ZooKeeper.
 */
class ZookeeperLockRegistryContractTests extends LockRegistryContract {

	private static final String ROOT = "/contract-kit-registry";

	private static final CuratorFramework OTHER_CLIENT = curator();

	@BeforeAll
	static void startOtherClient() {
		OTHER_CLIENT.start();
	}

	@AfterAll
	static void stopOtherClient() {
		OTHER_CLIENT.close();
	}

	private static CuratorFramework curator() {
		return CuratorFrameworkFactory.newClient(ZooKeeperServer.shared().connectString(), new RetryOneTime(100));
	}

	@Override
	protected LockDriver newDriver() {
		CuratorFramework client = curator();
		client.start();
		ZookeeperLockRegistry registry = new ZookeeperLockRegistry(client, ROOT);
		// It forgets a lock for the next one, also while it is held.
		registry.setCacheCapacity(1);
		return new DelegatingDriver(new RegistryLockDriver(registry)) {

			@Override
			public void close() {
				super.close();
				registry.destroy();
				client.close();
			}

		};
	}

	/**
	 * As the end of the session does it.
	 */
	@Override
	protected void endLease(LockKey key) throws Exception {
		String path = ROOT + "/" + key.name();
		for (String node : OTHER_CLIENT.getChildren().forPath(path)) {
			OTHER_CLIENT.delete().forPath(path + "/" + node);
		}
	}

	// There is no lease: a hold lasts until it is released, or until its client's session
	// ends.

	@Override
	void aLeaseEndsByItselfButNotBeforeItsHolderKnows() {
	}

	@Override
	void theLongestHoldEndsBeforeAnotherHasTheLock() {
	}

	@Test
	@Override
	void aWaiterIsServedWhenTheHoldersLeaseEnds() throws Exception {
		take(this.alice, this.key);
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> waiter = waitFor(this.bob, attempt).isWaiting("A waiter waits for the holder");
		endLease(this.key);
		served("A waiter is served when the holder's session ends", waiter);
		assertHeld(this.bob, attempt.hold());
	}

	// The registry does not tell a loss, not even to a release.

	@Override
	void aHoldWhoseLeaseWasEndedIsTold() {
	}

	@Override
	void unlockAfterALossTellsItAndLeavesTheSuccessorAlone() {
	}

	@Override
	void aThreadThatLostItsHoldCannotLockAgainInsideIt() {
	}

	@Override
	void aRenewalAfterTheLeaseDoesNotBringTheHoldBack() {
	}

	@Override
	void aLossIsToldWithoutAToken() {
	}

	@Test
	@Override
	void aStaleReleaseLeavesTheSuccessorAlone() throws Exception {
		Hold stale = take(this.alice, this.key);
		endLease(this.key);
		Hold successor = take(this.bob, this.key);
		this.alice.release(stale);
		assertHeld(this.bob, successor);
		assertRefused(this.alice, this.key);
	}

	@Test
	@Override
	void aStaleRenewalLeavesTheSuccessorAlone() throws Exception {
		Hold stale = take(this.alice, this.key);
		endLease(this.key);
		Hold successor = take(this.bob, this.key);
		this.alice.renew(Set.of(stale), LONG_LEASE);
		this.alice.release(stale);
		assertRefused(this.alice, this.key);
		assertHeld(this.bob, successor);
	}

	@Test
	@Override
	void aRenewalOfManyHoldsNamesExactlyTheLostOnes() throws Exception {
		Hold kept = take(this.alice, key("-kept"));
		Hold released = take(this.alice, key("-released"));
		this.alice.release(released);
		assertThat(this.alice.renew(List.of(kept, released), LONG_LEASE).lost()).as("What a renewal finds lost")
			.containsExactly(released);
		assertHeld(this.alice, kept);
	}

	@Test
	void aLockThatTheRegistryHasForgottenIsReleased() throws Exception {
		Hold forgotten = take(this.alice, this.key);
		Hold other = take(this.alice, key("-other"));
		assertThat(this.alice.release(forgotten)).as("The release of a forgotten lock").isTrue();
		assertFreeAndUnused(this.key);
		assertHeld(this.alice, other);
	}

}
