package org.dragonflow.lock.actuate;

import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Keeps who has asked for what: as an audit event, which the application's
 * {@code AuditEventRepository} stores if it has one, and in the log.
 */
final class LockAudit {

	static final String BREAK = "LOCK_BREAK";

	static final String REVOCATION = "LOCK_REVOCATION";

	private static final Log logger = LogFactory.getLog(LockAudit.class);

	private final ApplicationEventPublisher publisher;

	LockAudit(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	// The compiler finds the null-ness of type arguments in class files from some version
	// on.
	@SuppressWarnings("NullAway")
	void add(String type, SecurityContext security, @Nullable String holder, ActionReport report) {
		Principal principal = security.getPrincipal();
		String name = (principal != null) ? principal.getName() : "";
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("id", report.id());
		if (holder != null) {
			data.put("holder", holder);
		}
		data.put("outcome", report.outcome().name());
		logger.warn(type + " by " + (!name.isEmpty() ? "'" + name + "'" : "somebody unknown") + ": " + data);
		this.publisher.publishEvent(new AuditApplicationEvent(name, type, data));
	}

}
