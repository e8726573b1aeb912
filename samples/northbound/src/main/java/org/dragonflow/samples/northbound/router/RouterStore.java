package org.dragonflow.samples.northbound.router;

import java.util.List;

import org.dragonflow.samples.northbound.NotFoundException;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Reads and writes routers.
 */
@Repository
class RouterStore {

	private final JdbcClient jdbc;

	RouterStore(JdbcClient jdbc) {
		this.jdbc = jdbc;
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

	int count(String projectId) {
		return this.jdbc.sql("select count(*) from routers where project_id = ?")
			.param(projectId)
			.query(Integer.class)
			.single();
	}

	void insert(Router router) {
		this.jdbc.sql("insert into routers (id, project_id, name) values (?, ?, ?)")
			.params(router.id(), router.projectId(), router.name())
			.update();
	}

	void update(Router router) {
		this.jdbc.sql("update routers set name = ? where id = ?").params(router.name(), router.id()).update();
	}

	void delete(String id) {
		this.jdbc.sql("delete from routers where id = ?").param(id).update();
	}

}
