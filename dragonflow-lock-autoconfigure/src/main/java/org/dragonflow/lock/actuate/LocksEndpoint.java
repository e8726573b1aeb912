package org.dragonflow.lock.actuate;

import java.util.function.Supplier;

import org.dragonflow.lock.LockException;
import org.dragonflow.lock.actuate.ActionReport.Outcome;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.StoredHold;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Endpoint for the locks of this instance, and for those of all instances by their id. To
 * look is all that it allows unless its access is set to {@code unrestricted}.
 */
@Endpoint(id = "locks", defaultAccess = Access.READ_ONLY)
final class LocksEndpoint {

	/**
	 * How many locks and how many threads may be asked for.
	 */
	static final int LARGEST_LIMIT = 10_000;

	private final LockEngine engine;

	private final BoundedStoreCalls store;

	private final LockAudit audit;

	private final int limit;

	LocksEndpoint(LockEngine engine, BoundedStoreCalls store, LockAudit audit, int limit) {
		this.engine = engine;
		this.store = store;
		this.audit = audit;
		this.limit = limit;
	}

	@ReadOperation
	LocksReport locks(@Nullable Integer limit) {
		int most = (limit != null) ? limit : this.limit;
		if (most < 1 || most > LARGEST_LIMIT) {
			String reason = "The limit must be from 1 to " + LARGEST_LIMIT + ", but is " + most;
			throw new InvalidEndpointRequestException(reason, reason);
		}
		return LocksReport.of(this.engine.settings(), this.engine.snapshot(most));
	}

	@ReadOperation
	LockReport lock(@Selector(match = Match.ALL_REMAINING) String... id) {
		String objectId = objectId(id);
		StoredHold stored = null;
		String problem = null;
		try {
			stored = this.store.call(() -> this.engine.look(objectId));
		}
		catch (LockException ex) {
			problem = Problems.describe(ex);
		}
		return LockReport.of(objectId, stored, problem, this.engine.snapshot(objectId, this.limit));
	}

	/**
	 * Asks for the release of a lock, which the holder may do in its own time or never.
	 */
	@WriteOperation
	ActionReport revoke(SecurityContext security, @Selector(match = Match.ALL_REMAINING) String... id) {
		String objectId = objectId(id);
		ActionReport report = act(objectId,
				() -> this.engine.requestRevocation(objectId)
						? new ActionReport(objectId, Outcome.DONE,
								"The holder is asked, and learns of it at its next renewal at the latest")
						: notHeld(objectId, null));
		this.audit.add(LockAudit.REVOCATION, security, null, report);
		return report;
	}

	/**
	 * Takes a hold away from the holder that was seen. Not from any: the next one, which
	 * may have come meanwhile, is at work.
	 */
	@DeleteOperation
	ActionReport breakHold(SecurityContext security, String holder,
			@Selector(match = Match.ALL_REMAINING) String... id) {
		String objectId = objectId(id);
		ActionReport report = act(objectId,
				() -> this.engine.breakHold(objectId, holder)
						? new ActionReport(objectId, Outcome.DONE,
								"The hold is broken; its holder learns of it at its next renewal at the latest")
						: notHeld(objectId, holder));
		this.audit.add(LockAudit.BREAK, security, holder, report);
		return report;
	}

	private ActionReport act(String objectId, Supplier<ActionReport> action) {
		try {
			return this.store.call(action);
		}
		// Also what a driver throws against its contract: who has asked is audited
		// whatever
		// came of it.
		catch (RuntimeException ex) {
			return new ActionReport(objectId, Outcome.UNKNOWN,
					Problems.describe(ex) + ". It may have been done all the same: look again");
		}
	}

	private ActionReport notHeld(String objectId, @Nullable String holder) {
		StoredHold found = (holder != null) ? this.engine.look(objectId) : null;
		String message = (found != null)
				? "'" + objectId + "' is not held by '" + holder + "', but by '" + found.owner() + "'"
				: "Nobody holds '" + objectId + "'";
		return new ActionReport(objectId, Outcome.NOT_HELD, message);
	}

	private static String objectId(String... segments) {
		String objectId = String.join("/", segments);
		if (objectId.isEmpty()) {
			throw new InvalidEndpointRequestException("No id", "Name the id of a lock");
		}
		return objectId;
	}

}
