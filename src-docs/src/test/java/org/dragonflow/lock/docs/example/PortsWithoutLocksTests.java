package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.DistributedLock;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A test that says that it needs no locks.
 */
// tag::off[]
@DataJpaTest(properties = "dragonflow.lock.enabled=false")
@Import(PortService.class)
class PortsWithoutLocksTests {

	// end::off[]

	@Test
	void aMethodIsNotLocked(@Autowired PortService ports, @Autowired ObjectProvider<DistributedLock> locks) {
		assertThat(ports.countPorts("net-1")).isZero();
		assertThat(locks.getIfAvailable()).isNull();
	}

}
