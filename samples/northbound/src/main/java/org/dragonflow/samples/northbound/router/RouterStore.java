package org.dragonflow.samples.northbound.router;

import java.util.List;

import org.dragonflow.samples.northbound.Fence;
import org.dragonflow.samples.northbound.NotFoundException;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Reads and writes routers, guarded by a {@link Fence}.
 */
@Repository
class RouterStore {

	private final JdbcClient jdbc;

	private final Fence fence;

	RouterStore(JdbcClient jdbc, Fence fence) {
		this.jdbc = jdbc;
		this.fence = fence;
	}

	List<Router> routers() {
		return this.jdbc.sql("select * from routers order by name, id").query(Router.class).list();
	}

	Router router(String id) {
		return this.jdbc.sql("select * from routers where id = ?")
			.param(id)
			.query(Router.class)
			.optional()
			.orElseThrow(() -> new NotFoundException("router", id));
	}

	/**
	 * Reads a router that the calling thread has locked, in order to change it: earlier
	 * holders cannot any more.
	 * @param id the router
	 * @return the router as it is
	 */
	Router claim(String id) {
		int rows = this.fence.raise("routers", id);
		Router router = router(id);
		Fence.check(rows, id);
		return router;
	}

	int count(String projectId) {
		return this.jdbc.sql("select count(*) from routers where project_id = ?")
			.param(projectId)
			.query(Integer.class)
			.single();
	}

	/**
	 * Adds a router. Its own lock is not held then, but that of its project, which has no
	 * row: here a late writer is not refused.
	 * @param router the router
	 */
	void insert(Router router) {
		this.jdbc.sql("insert into routers (id, project_id, name) values (?, ?, ?)")
			.params(router.id(), router.projectId(), router.name())
			.update();
	}

	void update(Router router) {
		int rows = this.jdbc.sql("update routers set name = :name, fence = :token where id = :id and fence <= :token")
			.param("name", router.name())
			.param("id", router.id())
			.param("token", this.fence.token(router.id()))
			.update();
		Fence.check(rows, router.id());
	}

	void delete(Router router) {
		int rows = this.jdbc.sql("delete from routers where id = :id and fence <= :token")
			.param("id", router.id())
			.param("token", this.fence.token(router.id()))
			.update();
		Fence.check(rows, router.id());
	}

}
