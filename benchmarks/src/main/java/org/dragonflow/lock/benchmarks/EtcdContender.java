package org.dragonflow.lock.benchmarks;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.ByteSequence;
import org.dragonflow.lock.etcd.EtcdLockDriver;
import org.dragonflow.lock.etcd.EtcdLockSettings;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;

/**
 * Who locks in etcd. Each client has a connection of its own.
 */
public enum EtcdContender {

	THIS_PROJECT {
		@Override
		Client on(URI endpoint) {
			EtcdLockDriver driver = EtcdLockDriver.owning(io.etcd.jetcd.Client.builder().endpoints(endpoint),
					EtcdLockSettings.defaults());
			return new Client() {

				private LockAttempt attempt = next();

				@Override
				public void lock() {
					this.attempt = next();
					try {
						if (driver.acquire(this.attempt) == null) {
							throw new IllegalStateException("The wait was in vain");
						}
					}
					catch (InterruptedException ex) {
						throw new IllegalStateException(ex);
					}
				}

				@Override
				public void unlock() {
					driver.release(this.attempt.hold());
				}

				@Override
				public void close() {
					driver.close();
				}

			};
		}

		private LockAttempt next() {
			return new LockAttempt(new LockKey("benchmark", "net-1"), UUID.randomUUID().toString(),
					Duration.ofMinutes(10), Deadline.NEVER);
		}
	},

	/**
	 * The Lock service of etcd, by way of jetcd.
	 */
	JETCD_LOCK {
		@Override
		Client on(URI endpoint) {
			io.etcd.jetcd.Client client = io.etcd.jetcd.Client.builder().endpoints(endpoint).build();
			long lease = await(client.getLeaseClient().grant(600)).getID();
			ByteSequence name = ByteSequence.from("benchmark", StandardCharsets.UTF_8);
			return new Client() {

				private ByteSequence key = ByteSequence.EMPTY;

				@Override
				public void lock() {
					this.key = await(client.getLockClient().lock(name, lease)).getKey();
				}

				@Override
				public void unlock() {
					await(client.getLockClient().unlock(this.key));
				}

				@Override
				public void close() {
					client.close();
				}

			};
		}
	};

	/**
	 * Connects.
	 */
	abstract Client on(URI endpoint);

	private static <T> T await(CompletableFuture<T> answer) {
		return answer.orTimeout(30, TimeUnit.SECONDS).join();
	}

	/**
	 * Takes the one lock that all want, and gives it back.
	 */
	interface Client extends AutoCloseable {

		void lock();

		void unlock();

		@Override
		void close();

	}

}
