package org.dragonflow.lock.docs.example;

import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.test.AutoConfigureTestLock;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.verify;

// tag::spies[]
/**
 * Beans that do what a test says, in place of a part of what they do.
 */
@SpringBootTest
@AutoConfigureTestLock
class PortSpyTests {

	@MockitoSpyBean
	PortService ports;

	@MockitoSpyBean
	AsyncPorts asyncPorts;

	@Test
	void theyAreStubbedAndVerified() {
		doReturn(254).when(this.ports).countPorts(any());
		assertThat(this.ports.countPorts("net-1")).isEqualTo(254);
		verify(this.ports).countPorts("net-1");
	}

	@Test
	void theirAnswersMayComeLater() {
		doReturn(CompletableFuture.completedFuture("programmed")).when(this.asyncPorts).program("net-1");
		assertThat(this.asyncPorts.program("net-1").join()).isEqualTo("programmed");
	}

}
// end::spies[]
