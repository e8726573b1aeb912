package org.dragonflow.lock.etcd;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import io.etcd.jetcd.Client;
import org.dragonflow.lock.faults.ScarceThreads;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of a driver when the system has no more threads for it, or for its client.
 */
class EtcdThreadsTests extends EtcdTestBase {

	private final TestEtcd etcd = closing(TestEtcd.of(EtcdServer.shared()));

	@Test
	void aDriverWhoseThreadCannotBeStartedTellsSoBeforeItHoldsAnything() {
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> new EtcdLockDriver(this.etcd.client(), false,
				this.etcd.settings(), new ScarceThreads().without(1)));
	}

	@Test
	void waitersAreToldOfAReleaseThoughTheClientFoundNoThreadToWatch() throws Exception {
		AtomicBoolean withoutThread = new AtomicBoolean(true);
		Client client = (Client) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Client.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("getWatchClient") && withoutThread.getAndSet(false)) {
						throw new OutOfMemoryError("unable to create native thread");
					}
					try {
						return method.invoke(this.etcd.client(), arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
		LockDriver holder = closing(this.etcd.driver());
		LockAttempt held = attempt(this.key);
		take(holder, held);
		LockDriver waiting = closing(EtcdLockDriver.with(client, this.etcd.settings()));
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, waiting, waiting(this.key));
		assertThat(withoutThread).as("whether the client still has to fail").isFalse();
		holder.release(held.hold());
		assertThat(waiter).as("the waiter").succeedsWithin(PATIENCE);
	}

}
