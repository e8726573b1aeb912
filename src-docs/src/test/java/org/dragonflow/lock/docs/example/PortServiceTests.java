package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.test.AutoConfigureTestLock;
import org.dragonflow.lock.test.FakeLockDriver;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

// tag::application[]
/**
 * The application as it is, but for the store of its locks.
 */
@SpringBootTest(properties = "ports.wait=100ms")
@AutoConfigureTestLock
class PortServiceTests {

	@Test
	void aNetworkThatIsLockedElsewhereIsWaitedFor(@Autowired PortService ports, @Autowired FakeLockDriver locks) {
		locks.holdElsewhere("net-1");
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> ports.countPorts("net-1"));
		locks.releaseElsewhere("net-1");
		ports.countPorts("net-1");
		assertThat(locks).isFree("net-1");
	}

}
// end::application[]
