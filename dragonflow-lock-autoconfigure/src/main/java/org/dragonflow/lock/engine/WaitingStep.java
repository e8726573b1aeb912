package org.dragonflow.lock.engine;

import org.jspecify.annotations.Nullable;

/**
 * Something that waits, and can be begun again after an interrupt.
 */
interface WaitingStep<T extends @Nullable Object> {

	T run() throws InterruptedException;

}
