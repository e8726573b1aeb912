package org.dragonflow.samples.northbound;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Lets the database refuse whoever has lost the lock and does not know it, such as a
 * process that was paused for longer than its lease.
 * <p>
 * Each row that is read, changed and written back has a column {@code fence}: the highest
 * token of those who came to change it. Who has the lock says so to the row <em>before it
 * reads</em>, and each write is guarded:
 *
 * <pre>
 * update ... set ..., fence = :token where id = :id and fence &lt;= :token
 * </pre>
 *
 * Not {@code fence < :token}, because one hold may write several times. No row updated
 * means that somebody with a later hold was there. If only the writes told their token, a
 * late write could still come between the read and the write of the next holder, who
 * would then write over it.
 */
@Component
public final class Fence {

	/**
	 * Lower than every token: refused by a row that was changed with one.
	 */
	private static final long NO_TOKEN = 0;

	private final ObjectProvider<DistributedLock> lock;

	private final JdbcClient jdbc;

	private final boolean fencing;

	Fence(ObjectProvider<DistributedLock> lock, JdbcClient jdbc, @Value("${northbound.fencing}") boolean fencing) {
		this.lock = lock;
		this.jdbc = jdbc;
		this.fencing = fencing;
	}

	/**
	 * The token of the hold that the calling thread has, to write with.
	 * @param objectId the id that is locked
	 * @return the token, or one that is lower than all where fencing is switched off
	 * @throws IllegalStateException if the thread does not hold the lock, or the driver
	 * has no tokens
	 */
	public long token(String objectId) {
		if (!this.fencing) {
			return NO_TOKEN;
		}
		LockHandle hold = this.lock.getObject().held(objectId);
		if (hold == null) {
			throw new IllegalStateException("'" + objectId + "' is changed by a method that has not locked it");
		}
		return hold.fencingToken();
	}

	/**
	 * Tells a row of the hold that the calling thread has. Those of earlier holds cannot
	 * change it any more.
	 * @param table where the row is
	 * @param objectId the row's id, which is locked
	 * @return how many rows have taken the token, for {@link #check}
	 */
	public int raise(String table, String objectId) {
		return this.jdbc.sql("update " + table + " set fence = :token where id = :id and fence <= :token")
			.param("token", token(objectId))
			.param("id", objectId)
			.update();
	}

	/**
	 * Fails unless a guarded statement has found its row.
	 * @param rows how many it has changed
	 * @param objectId the id that is locked
	 * @throws FencedException if there are none
	 */
	public static void check(int rows, String objectId) {
		if (rows == 0) {
			throw new FencedException(objectId);
		}
	}

}
