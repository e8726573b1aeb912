package org.dragonflow.lock.engine;

import java.time.Duration;

/**
 * A thread of this instance that waits for a lock, as it was at one moment.
 *
 * @param objectId the id that it waits for
 * @param thread the name of the thread, or its number if it has no name
 * @param threadId the number of the thread
 * @param age how long it has waited, in its present place
 * @param position its place among the threads of this instance that wait for the id; the
 * next one has 1
 * @param inStore whether it waits in the store, for another instance; if not, for a
 * thread of this one
 */
public record WaitingThread(String objectId, String thread, long threadId, Duration age, int position,
		boolean inStore) {
}
