package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.LockRequest;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What holds for locks that are taken inside a transaction.
 *
 * @param registryUnlock What an unlock of the LockRegistry bean does inside a
 * transaction.
 * @param readBeforeLock What to do where a lock is taken in a transaction that sees the
 * state of before, or with entities that were read before.
 */
@ConfigurationProperties("dragonflow.lock.transaction")
record LockTransactionProperties(@DefaultValue("keep") RegistryUnlock registryUnlock,
		@DefaultValue("warn") ReadBeforeLock.Reaction readBeforeLock) {

	/**
	 * What an unlock does.
	 */
	enum RegistryUnlock {

		/**
		 * Keeps the lock until the transaction has completed, as all others do.
		 */
		KEEP,

		/**
		 * Releases at once, as Spring Integration's own registries do.
		 */
		RELEASE;

		LockRequest.Option[] options() {
			return (this == RELEASE) ? new LockRequest.Option[] { LockRequest.Option.RELEASE_IN_TRANSACTION }
					: new LockRequest.Option[0];
		}

	}

}
