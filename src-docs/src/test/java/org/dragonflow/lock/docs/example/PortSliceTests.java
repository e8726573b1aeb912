package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.test.AutoConfigureTestLock;
import org.dragonflow.lock.test.FakeLockDriver;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

// tag::slice[]
/**
 * What of the application works on its database.
 */
@DataJpaTest
@AutoConfigureTestLock
@Import(PortService.class)
class PortSliceTests {

	@Test
	void aPortIsCreatedUnderTheLockOfItsNetwork(@Autowired PortService ports, @Autowired JdbcClient jdbc,
			@Autowired FakeLockDriver locks) {
		jdbc.sql("insert into networks values ('net-1', 'one', 1, 0)").update();
		assertThat(ports.createPort("net-1").address()).isOne();
		// Each test is a transaction here, and keeps what it locks until its end.
		assertThat(locks).isHeld("net-1");
	}

}
// end::slice[]
