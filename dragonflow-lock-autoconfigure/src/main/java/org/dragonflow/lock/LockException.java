package org.dragonflow.lock;

import org.jspecify.annotations.Nullable;

/**
 * A lock could not be taken, kept or released. There are exactly three kinds, because a
 * caller can do three different things: try later ({@link LockUnavailableException}),
 * undo or check its work ({@link LockLostException}), or report a broken store
 * ({@link LockStoreException}).
 */
public abstract sealed class LockException extends RuntimeException
		permits LockUnavailableException, LockLostException, LockStoreException {

	LockException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
