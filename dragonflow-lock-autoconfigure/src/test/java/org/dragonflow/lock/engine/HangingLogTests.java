package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * An appender that hangs, such as one that writes to a full disk or a dead host: it keeps
 * nobody.
 */
@Timeout(60)
class HangingLogTests {

	private final CountDownLatch end = new CountDownLatch(1);

	private final AtomicInteger written = new AtomicInteger();

	private final Logger logger = (Logger) LoggerFactory.getLogger(LockEngine.class);

	private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

		@Override
		protected void append(ILoggingEvent event) {
			HangingLogTests.this.written.incrementAndGet();
			ScriptedEngine.hang(HangingLogTests.this.end);
		}

	};

	private final ScriptedEngine fixture = new ScriptedEngine(Duration.ofSeconds(2));

	@BeforeEach
	void addAppender() {
		this.appender.setContext(this.logger.getLoggerContext());
		this.appender.start();
		this.logger.addAppender(this.appender);
		// So that as much as possible is written.
		this.logger.setLevel(Level.DEBUG);
	}

	@AfterEach
	void close() {
		this.end.countDown();
		this.fixture.close();
		this.logger.detachAppender(this.appender);
		this.logger.setLevel(null);
	}

	@Test
	void keepsNobody() {
		LockHandle kept = this.fixture.acquire("kept");
		AtomicInteger told = new AtomicInteger();
		LockHandle lost = this.fixture.acquire("lost");
		lost.onLost(told::incrementAndGet);
		this.fixture.acquire("lost-before");
		this.fixture.lose("lost-before");
		await("the log hangs").until(() -> this.written.get() == 1);
		AtomicInteger failures = new AtomicInteger();
		this.fixture.driver.before = (call, objectIds) -> {
			boolean first = failures.getAndIncrement() == 0;
			if ((call == Call.RENEW && objectIds.contains("lost")) || (call == Call.ACQUIRE && first)) {
				throw LockStoreException.refused("for the test", null);
			}
		};
		catchThrowable(() -> this.fixture.engine.lock("net-1"));
		this.fixture.engine.lock("net-1");
		this.fixture.engine.unlock("net-1");
		await("a loss that is noticed").until(() -> told.get() == 1);
		await("the events").until(() -> this.fixture.events.size() == 2);
		assertThat(this.fixture.events).extracting(LockEvent::objectId).containsExactly("lost-before", "lost");
		assertThat(kept.isHeld()).as("what could be renewed").isTrue();
		kept.close();
		assertThat(this.fixture.isFreeForOthers("kept")).as("released").isTrue();
		assertThat(this.written).as("lines that hang").hasValue(1);
	}

}
