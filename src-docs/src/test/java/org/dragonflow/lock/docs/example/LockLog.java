package org.dragonflow.lock.docs.example;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRevocationEvent;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Remembers what was told of the holds of this instance.
 */
@Component
class LockLog {

	final List<String> lines = new CopyOnWriteArrayList<>();

	// tag::revocation[]
	@EventListener
	void asked(LockRevocationEvent event) {
		this.lines.add("Somebody waits for " + event.objectId());
	}
	// end::revocation[]

	// tag::loss[]
	@EventListener
	void lost(LockLostEvent event) {
		this.lines.add("Lost " + event.objectId() + ": " + event.reason());
	}
	// end::loss[]

}
