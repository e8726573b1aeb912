package org.dragonflow.lock.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * There is no {@link org.dragonflow.lock.spi.LockDriver} bean.
 */
final class NoLockDriverException extends RuntimeException {

	private final @Nullable String driver;

	NoLockDriverException(@Nullable String driver) {
		super("No LockDriver bean for dragonflow.lock.driver=" + driver);
		this.driver = driver;
	}

	/**
	 * The configured name.
	 * @return null if none is configured
	 */
	@Nullable String getDriver() {
		return (this.driver == null || this.driver.isBlank()) ? null : this.driver;
	}

}
