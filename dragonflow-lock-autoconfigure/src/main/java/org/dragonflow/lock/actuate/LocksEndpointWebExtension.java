package org.dragonflow.lock.actuate;

import org.dragonflow.lock.actuate.ActionReport.Outcome;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Says by the status of HTTP, too, what has come of a request: 404 where nobody holds
 * what was to be ended, 503 where the store has not answered.
 */
@EndpointWebExtension(endpoint = LocksEndpoint.class)
final class LocksEndpointWebExtension {

	private final LocksEndpoint delegate;

	LocksEndpointWebExtension(LocksEndpoint delegate) {
		this.delegate = delegate;
	}

	@ReadOperation
	WebEndpointResponse<LockReport> lock(@Selector(match = Match.ALL_REMAINING) String... id) {
		LockReport report = this.delegate.lock(id);
		return new WebEndpointResponse<>(report, (report.state() != LockReport.State.UNKNOWN)
				? WebEndpointResponse.STATUS_OK : WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
	}

	@WriteOperation
	WebEndpointResponse<ActionReport> revoke(SecurityContext security,
			@Selector(match = Match.ALL_REMAINING) String... id) {
		return respond(this.delegate.revoke(security, id));
	}

	@DeleteOperation
	WebEndpointResponse<ActionReport> breakHold(SecurityContext security, String holder,
			@Selector(match = Match.ALL_REMAINING) String... id) {
		return respond(this.delegate.breakHold(security, holder, id));
	}

	private static WebEndpointResponse<ActionReport> respond(ActionReport report) {
		return new WebEndpointResponse<>(report, status(report.outcome()));
	}

	private static int status(Outcome outcome) {
		return switch (outcome) {
			case DONE -> WebEndpointResponse.STATUS_OK;
			case NOT_HELD -> WebEndpointResponse.STATUS_NOT_FOUND;
			case UNKNOWN -> WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE;
		};
	}

}
