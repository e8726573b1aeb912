package org.dragonflow.samples.northbound.router;

import java.util.List;

import org.dragonflow.lock.NbLocked;
import org.dragonflow.samples.northbound.ConflictException;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Routers. To create one locks the project, whose routers are counted first: without the
 * lock two callers would both find room for one more. To change one locks the router.
 */
@Service
class RouterService {

	/**
	 * How many routers a project may have.
	 */
	static final int QUOTA = 10;

	private final RouterStore store;

	RouterService(RouterStore store) {
		this.store = store;
	}

	public List<Router> list() {
		return this.store.routers();
	}

	public Router find(String routerId) {
		return this.store.router(routerId);
	}

	// A project's id is given by another service, and may look like anything: the scope
	// keeps it apart from the ids of our own objects.
	@NbLocked(value = "#request.projectId", scope = "project")
	@Transactional
	public Router create(String routerId, RouterRequest request) {
		if (this.store.count(request.projectId()) >= QUOTA) {
			throw new ConflictException(
					"The project '" + request.projectId() + "' has " + QUOTA + " routers, and may not have more");
		}
		Router router = new Router(routerId, request.projectId(), request.name());
		this.store.insert(router);
		return router;
	}

	@NbLocked("#routerId")
	public Router update(String routerId, RouterRequest request) {
		Router changed = new Router(routerId, this.store.claim(routerId).projectId(), request.name());
		this.store.update(changed);
		return changed;
	}

	@NbLocked("#routerId")
	public void delete(String routerId) {
		this.store.delete(this.store.claim(routerId));
	}

}
