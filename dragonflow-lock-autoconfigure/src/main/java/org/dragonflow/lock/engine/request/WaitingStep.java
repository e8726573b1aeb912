package org.dragonflow.lock.engine.request;

import org.jspecify.annotations.Nullable;

/**
 * Something that waits, and can be begun again after an interrupt.
 */
@FunctionalInterface
public interface WaitingStep<T extends @Nullable Object> {

	T run() throws InterruptedException;

}
