package org.dragonflow.lock.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.engine.HeldLock;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.test.servers.Browser;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page, looked at in a browser, while threads of two instances contend.
 */
class LockConsoleBrowserTests {

	private static final String HOSTILE = "<img src=x onerror=alert(1)>";

	private final String namespace = "console-" + UUID.randomUUID();

	private final ConfigurableApplicationContext shown = start(WebApplicationType.SERVLET);

	private final ConfigurableApplicationContext other = start(WebApplicationType.NONE);

	private final LockEngine engine = this.shown.getBean(LockEngine.class);

	private final List<Holder> holders = new ArrayList<>();

	private final Browser browser = Browser.start();

	@AfterEach
	void endAll() {
		this.holders.forEach(Holder::release);
		this.browser.close();
		this.shown.close();
		this.other.close();
	}

	@Test
	void thePageShowsWhoHoldsWhoWaitsAndHowHoldsEnd() throws IOException {
		Holder holder = hold(this.shown, "net-1", "holder-1");
		holder.awaitHeld();
		hold(this.shown, "net-1", "waiter-1");
		awaitWaiting(1);
		hold(this.shown, "net-1", "waiter-2");
		awaitWaiting(2);
		hold(this.shown, HOSTILE, "hostile").awaitHeld();
		hold(this.other, "net-2", "elsewhere").awaitHeld();
		hold(this.shown, "net-2", "stranger");
		awaitWaiting(3);

		this.browser.open(ConsoleApplication.address(this.shown, "/actuator/lockconsole"));
		await("the holder is shown")
			.untilAsserted(() -> assertThat(texts(row("net-1") + " .holder strong")).containsExactly("holder-1"));
		assertThat(texts(row("net-1") + " .waiters b")).as("waiters of net-1").containsExactly("waiter-1", "waiter-2");
		assertThat(texts(".hold.running[data-id='net-1']")).as("bars of the hold").hasSize(1);
		assertThat(texts(".wait.running[data-id='net-1']")).as("bars of the waits").hasSize(2);
		await("the page has asked the store who holds what another instance has")
			.untilAsserted(() -> assertThat(texts(row("net-2") + " .holder .owner"))
				.containsExactly(record("net-2").hold().owner()));
		assertThat(texts("#line tbody th")).as("ids, as text").contains(HOSTILE);
		assertThat(texts("main img, main script")).as("what an id has brought into the page").isEmpty();

		HeldLock before = this.engine.snapshot("net-1", 1).held().get(0);
		holder.release();
		await("the hand-over is marked")
			.untilAsserted(() -> assertThat(texts(mark("handover", before.fencingToken(), "holder-1"))).hasSize(1));
		assertThat(texts(row("net-1") + " .holder strong")).as("the holder then").containsExactly("waiter-1");
		assertThat(texts(row("net-1") + " .waiters b")).as("waiters then").containsExactly("waiter-2");

		HeldLock second = this.engine.snapshot("net-1", 1).held().get(0);
		assertThat(this.other.getBean(LockDriver.class).breakHold(record("net-1").hold())).as("the break").isTrue();
		String loss = mark("loss", second.fencingToken(), "waiter-1");
		await("the loss is marked").untilAsserted(() -> assertThat(texts(loss)).hasSize(1));
		assertThat(texts("#wrong tr[data-id='net-1'] .token")).as("what is said of it")
			.containsExactly(String.valueOf(second.fencingToken()));

		click("#pause");
		Files.write(Path.of("target", "lock-console.png"), this.browser.picture());
		await("the mark says what it is when it is pointed at, once it has slid in").untilAsserted(() -> {
			this.browser.pointAt(this.browser.all(loss).get(0));
			assertThat(texts("#tip *")).contains("net-1", "thread waiter-1", "token " + second.fencingToken());
		});
		assertAsksNothing("while it is paused");
		click("#pause");
		this.browser.run("Object.defineProperty(document, 'hidden', { value: true, configurable: true })");
		assertAsksNothing("while nobody sees it");
		this.browser.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");

		assertThat(this.browser.complaints()).as("what the browser complained of").isEmpty();
		this.shown.close();
		await("the page says that the server is gone")
			.untilAsserted(() -> assertThat(texts("#trouble")).singleElement().asString().contains("does not answer"));
	}

	/**
	 * Whatever it had begun to ask before may still come.
	 */
	private void assertAsksNothing(String when) {
		String asked = "return performance.getEntriesByType('resource').length";
		List<String> counts = new ArrayList<>(List.of(this.browser.run(asked)));
		await("the page asks nothing " + when).pollInterval(Duration.ofMillis(1500)).until(() -> {
			counts.add(this.browser.run(asked));
			return counts.get(counts.size() - 1).equals(counts.get(counts.size() - 2));
		});
	}

	private ConfigurableApplicationContext start(WebApplicationType type) {
		List<String> properties = new ArrayList<>(ConsoleApplication.CONSOLE);
		// The loss of a hold is noticed within a third of the lease. A hold that has
		// lasted
		// for long is still handed over.
		properties.addAll(List.of("dragonflow.lock.driver=redis", "dragonflow.lock.namespace=" + this.namespace,
				"dragonflow.lock.lease=3s", "dragonflow.lock.hand-over.max-time=5m",
				"spring.data.redis.port=" + RedisServer.shared().port()));
		return ConsoleApplication.start(type, properties);
	}

	private Holder hold(ConfigurableApplicationContext instance, String id, String thread) {
		Holder holder = new Holder(instance.getBean(DistributedLock.class), id, thread);
		this.holders.add(holder);
		return holder;
	}

	private void awaitWaiting(int threads) {
		await(threads + " threads wait").until(() -> this.engine.snapshot(100).waitingCount() == threads);
	}

	private LockRecord record(String id) {
		LockRecord found = this.other.getBean(LockDriver.class).look(new LockKey(this.namespace, id));
		assertThat(found).as("the record of " + id).isNotNull();
		return found;
	}

	private void click(String selector) {
		this.browser.all(selector).get(0).click();
	}

	private List<String> texts(String selector) {
		try {
			return this.browser.all(selector).stream().map(WebElement::getText).toList();
		}
		catch (StaleElementReferenceException ex) {
			// Drawn anew in between.
			return texts(selector);
		}
	}

	private static String row(String id) {
		return "#line tr[data-id='" + id + "']";
	}

	private static String mark(String kind, long token, String thread) {
		return "#timeline .mark." + kind + "[data-id='net-1'][data-token='" + token + "'][data-thread='" + thread
				+ "']";
	}

	private static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(Duration.ofSeconds(30));
	}

	/**
	 * A thread that wants a lock, and keeps it until it is told to release it.
	 */
	private static final class Holder {

		private final CountDownLatch held = new CountDownLatch(1);

		private final CountDownLatch told = new CountDownLatch(1);

		Holder(DistributedLock lock, String id, String name) {
			Thread thread = new Thread(() -> lock.run(id, this::keep), name);
			// A loss is what the test is about.
			thread.setUncaughtExceptionHandler((failed, ex) -> this.held.countDown());
			thread.setDaemon(true);
			thread.start();
		}

		private void keep() {
			this.held.countDown();
			try {
				this.told.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		void awaitHeld() {
			await("the lock is held").until(() -> this.held.getCount() == 0);
		}

		void release() {
			this.told.countDown();
		}

	}

}
