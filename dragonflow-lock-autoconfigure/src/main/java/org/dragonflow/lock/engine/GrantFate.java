package org.dragonflow.lock.engine;

import org.jspecify.annotations.Nullable;

/**
 * What has become of a store's grant. All holds of the grant share it, so that nothing
 * gets lost that is heard of just while the grant is handed over.
 */
final class GrantFate {

	private volatile boolean revoked;

	private volatile @Nullable String reasonOfLoss;

	/**
	 * Whether the grant may still be passed on.
	 */
	boolean isUndisturbed() {
		return !this.revoked && this.reasonOfLoss == null;
	}

	void revoke() {
		this.revoked = true;
	}

	boolean isRevoked() {
		return this.revoked;
	}

	void lose(String reason) {
		this.reasonOfLoss = reason;
	}

	@Nullable String reasonOfLoss() {
		return this.reasonOfLoss;
	}

}
