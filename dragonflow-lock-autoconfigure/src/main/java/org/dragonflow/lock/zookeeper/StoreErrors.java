package org.dragonflow.lock.zookeeper;

import java.util.EnumSet;
import java.util.Set;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.dragonflow.lock.LockStoreException;

/**
 * What ZooKeeper's errors mean for a lock.
 */
final class StoreErrors {

	private static final Set<Code> REFUSALS = EnumSet.of(Code.BADARGUMENTS, Code.UNIMPLEMENTED, Code.MARSHALLINGERROR,
			Code.NOCHILDRENFOREPHEMERALS, Code.QUOTAEXCEEDED);

	private static final Set<Code> UNKNOWN_OUTCOMES = EnumSet.of(Code.CONNECTIONLOSS, Code.OPERATIONTIMEOUT,
			Code.SESSIONEXPIRED, Code.SESSIONMOVED, Code.REQUESTTIMEOUT);

	private StoreErrors() {
	}

	/**
	 * Whether the request may have had its effect all the same.
	 */
	static boolean leavesOutcomeUnknown(KeeperException ex) {
		return UNKNOWN_OUTCOMES.contains(ex.code());
	}

	/**
	 * What to tell the caller.
	 * @param what what was tried
	 * @param servers the connect string
	 */
	static LockStoreException translate(String what, String servers, KeeperException ex) {
		return switch (ex.code()) {
			case NOAUTH -> LockStoreException.refused(what + ": this client is not allowed to touch " + ex.getPath()
					+ ". Set dragonflow.lock.zookeeper.auth-scheme and auth-value to what the node asks for, or choose "
					+ "another dragonflow.lock.zookeeper.root", ex);
			case AUTHFAILED, SESSIONCLOSEDREQUIRESASLAUTH ->
				LockStoreException.refused(what + ": ZooKeeper does not accept this client's authentication. Correct "
						+ "dragonflow.lock.zookeeper.auth-scheme and auth-value", ex);
			case INVALIDACL -> LockStoreException.refused(what + ": nodes for their creator only need a client that is "
					+ "authenticated. Set dragonflow.lock.zookeeper.auth-scheme and auth-value", ex);
			case NONODE ->
				LockStoreException.refused(what + ": the node " + ex.getPath() + " cannot be created, because "
						+ "a path at the end of the connect string must be there already. Create it", ex);
			case CONNECTIONLOSS, OPERATIONTIMEOUT, REQUESTTIMEOUT ->
				LockStoreException.unreachable(what + ": no answer from ZooKeeper at " + servers, ex);
			default -> REFUSALS.contains(ex.code()) ? LockStoreException.refused(what + ": " + ex.getMessage(), ex)
					: LockStoreException.unreachable(what + ": " + ex.getMessage(), ex);
		};
	}

}
