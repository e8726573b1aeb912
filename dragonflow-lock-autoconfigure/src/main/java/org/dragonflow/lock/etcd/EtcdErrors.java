package org.dragonflow.lock.etcd;

import java.util.Set;

import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.dragonflow.lock.LockStoreException;

/**
 * Tells an etcd that cannot be reached from one that refuses.
 */
final class EtcdErrors {

	private static final Set<Status.Code> REFUSING = Set.of(Status.Code.INVALID_ARGUMENT, Status.Code.PERMISSION_DENIED,
			Status.Code.UNAUTHENTICATED, Status.Code.FAILED_PRECONDITION, Status.Code.UNIMPLEMENTED,
			Status.Code.NOT_FOUND, Status.Code.OUT_OF_RANGE);

	private EtcdErrors() {
	}

	static LockStoreException translate(String action, Throwable ex) {
		Status status = status(ex);
		String reason = (status.getDescription() != null) ? status.getDescription() : String.valueOf(ex.getMessage());
		String what = "Could not " + action + ": " + reason;
		if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && reason.contains("database space exceeded")) {
			return LockStoreException.refused(what + ". Compact and defragment etcd, or give it a larger quota, and "
					+ "disarm its alarm ('etcdctl alarm disarm').", ex);
		}
		if (!REFUSING.contains(status.getCode()) || isPassing(reason)) {
			return LockStoreException.unreachable(what, ex);
		}
		if (reason.contains("too many operations")) {
			return LockStoreException.refused(what + ". etcd's '--max-txn-ops' must be 128, its default, or more.", ex);
		}
		return LockStoreException.refused(what + ". Check 'dragonflow.lock.etcd.user' and '.password', and that the "
				+ "user may read and write all keys under 'dragonflow.lock.etcd.key-prefix'.", ex);
	}

	/**
	 * Whether etcd has answered that there is no such lease: it has expired or was
	 * revoked. Nothing else that goes wrong means that.
	 */
	static boolean isLeaseGone(Throwable ex) {
		Status status = status(ex);
		return status.getCode() == Status.Code.NOT_FOUND && String.valueOf(status.getDescription()).contains("lease");
	}

	static boolean isTokenExpired(Throwable ex) {
		return String.valueOf(status(ex).getDescription()).contains("invalid auth token");
	}

	// A token that has just expired is replaced; an election ends.
	private static boolean isPassing(String reason) {
		return reason.contains("invalid auth token") || reason.contains("revision of auth store is old")
				|| reason.contains("no leader") || reason.contains("leader changed");
	}

	/**
	 * The innermost status: a call that could not be authenticated is one whose
	 * authentication has failed for a reason of its own.
	 */
	private static Status status(Throwable ex) {
		Status found = Status.UNKNOWN.withDescription(String.valueOf(ex.getMessage()));
		for (Throwable next = ex; next != null; next = next.getCause()) {
			if (next instanceof StatusRuntimeException grpc) {
				found = grpc.getStatus();
			}
			else if (next instanceof StatusException grpc) {
				found = grpc.getStatus();
			}
			else if (next instanceof EtcdException etcd) {
				found = Status.Code.valueOf(codeOf(etcd).name()).toStatus().withDescription(etcd.getMessage());
			}
		}
		return found;
	}

	private static ErrorCode codeOf(EtcdException ex) {
		return (ex.getErrorCode() != null) ? ex.getErrorCode() : ErrorCode.UNKNOWN;
	}

}
