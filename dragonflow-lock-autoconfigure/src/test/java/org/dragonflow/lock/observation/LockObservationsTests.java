package org.dragonflow.lock.observation;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What Micrometer is told of waits and holds.
 */
@Timeout(60)
class LockObservationsTests {

	private static final String WAIT = "dragonflow.lock.wait";

	private static final String HOLD = "dragonflow.lock.hold";

	private static final LockRequest REQUEST = LockRequest.of("net-1").withLabel("import");

	private final RecordedObservations observations = new RecordedObservations();

	private final ObservationRegistry registry = ObservationRegistry.create();

	private final LocalLockDriver others = new LocalLockDriver();

	private @Nullable LockEngine engine;

	LockObservationsTests() {
		this.registry.observationConfig().observationHandler(this.observations);
	}

	@AfterEach
	void close() {
		if (this.engine != null) {
			this.engine.close();
		}
		this.others.close();
	}

	@Test
	void aCallIsAWaitAndAHold() {
		LockEngine engine = engine(null, null);
		long token;
		try (LockHandle handle = engine.lock(REQUEST)) {
			token = handle.fencingToken();
			assertThat(this.observations.stopped).as("ended under the lock")
				.extracting(Observation.Context::getName)
				.containsExactly(WAIT);
		}
		await().untilAsserted(() -> assertThat(this.observations.stopped).extracting(Observation.Context::getName)
			.containsExactly(WAIT, HOLD));
		Observation.Context wait = this.observations.started(WAIT);
		assertThat(low(wait)).containsExactly("driver=local", "label=import", "outcome=acquired");
		assertThat(high(wait)).containsExactly("dragonflow.lock.object.ids=net-1");
		Observation.Context hold = this.observations.started(HOLD);
		assertThat(low(hold)).containsExactly("driver=local", "label=import", "outcome=released");
		assertThat(high(hold)).hasSize(3)
			.contains("dragonflow.lock.object.ids=net-1", "dragonflow.lock.fencing.token=" + token)
			.anyMatch((key) -> key.startsWith("dragonflow.lock.owner=") && key.endsWith("/1"));
	}

	@Test
	void theDocumentedKeysAreThoseThereAre() {
		engine(null, null).run("net-1", () -> {
		});
		awaitStopped(2);
		for (LockObservationDocumentation documented : LockObservationDocumentation.values()) {
			Observation.Context context = this.observations.started(documented.getName());
			assertThat(names(context.getLowCardinalityKeyValues()))
				.containsExactlyInAnyOrderElementsOf(names(documented.getLowCardinalityKeyNames()));
			assertThat(names(context.getHighCardinalityKeyValues()))
				.containsExactlyInAnyOrderElementsOf(names(documented.getHighCardinalityKeyNames()));
			assertThat(context.getContextualName()).isEqualTo(documented.getContextualName());
		}
	}

	@Test
	void noKeyOfAMetricSaysWhichObjectOrWho() {
		LockEngine engine = engine(null, null);
		engine.run("net-1", () -> {
		});
		engine.lock(LockRequest.of("net-1", "net-2")).close();
		awaitStopped(5);
		assertThat(this.observations.started).hasSize(5)
			.allSatisfy((context) -> assertThat(low(context)).hasSize(3)
				.noneMatch((key) -> key.contains("net-") || key.contains("/")));
	}

	@Test
	void withoutALabelThereIsNone() {
		engine(null, null).run("net-1", () -> {
		});
		awaitStopped(2);
		assertThat(low(this.observations.started(WAIT))).contains("label=none");
		assertThat(low(this.observations.started(HOLD))).contains("label=none");
	}

	@Test
	void aRefusalIsAnOutcome() throws InterruptedException {
		try (LockHandle handle = engine(null, null).acquire(REQUEST); LockEngine another = newEngine(null, null)) {
			this.observations.started.clear();
			assertThat(another.tryLock("net-1", Duration.ZERO)).isFalse();
			assertThat(handle.isHeld()).isTrue();
		}
		assertThat(low(this.observations.started(WAIT))).contains("outcome=refused");
	}

	@Test
	void aHandOverIsOneEndAndOneBegin() throws Exception {
		LockEngine engine = engine(null, null);
		engine.lock("net-1");
		Thread next = new Thread(() -> engine.run("net-1", () -> {
		}));
		next.start();
		await().until(() -> this.observations.started.size() == 3 && next.getState() != Thread.State.RUNNABLE);
		engine.unlock("net-1");
		next.join();
		awaitStopped(4);
		assertThat(this.observations.stopped.stream().filter((context) -> HOLD.equals(context.getName())))
			.extracting(LockObservationsTests::low)
			.containsExactly(List.of("driver=local", "label=none", "outcome=handed_over"),
					List.of("driver=local", "label=none", "outcome=released"));
	}

	@Test
	void aLossIsAnError() {
		LockEngine engine = engine(null, null);
		engine.lock("net-1");
		LockRecord record = this.others.look(new LockKey("observation-tests", "net-1"));
		assertThat(record).isNotNull();
		this.others.breakHold(record.hold());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> engine.unlock("net-1"));
		Observation.Context hold = this.observations.started(HOLD);
		await().untilAsserted(() -> assertThat(this.observations.stopped).contains(hold));
		assertThat(low(hold)).contains("outcome=lost");
		assertThat(hold.getError()).isInstanceOf(LockLostException.class);
	}

	@Test
	void theCallersObservationIsTheParentOfBoth() {
		LockEngine engine = engine(null, null);
		Observation caller = Observation.start("caller", this.registry);
		try (Observation.Scope scope = caller.openScope()) {
			LockHandle handle = engine.lock(REQUEST);
			assertThat(this.registry.getCurrentObservation()).as("what is current under the lock").isSameAs(caller);
			handle.close();
			assertThat(scope).isNotNull();
		}
		caller.stop();
		assertThat(this.observations.started(WAIT).getParentObservation()).isSameAs(caller);
		assertThat(this.observations.started(HOLD).getParentObservation()).isSameAs(caller);
	}

	@Test
	void withoutACallersObservationThereIsNoParent() {
		engine(null, null).run("net-1", () -> {
		});
		assertThat(this.observations.started(WAIT).getParentObservation()).isNull();
		assertThat(this.observations.started(HOLD).getParentObservation()).isNull();
		assertThat(this.registry.getCurrentObservation()).as("what is left behind").isNull();
	}

	@Test
	void namesAndKeysCanBeReplaced() {
		LockWaitObservationConvention waits = new LockWaitObservationConvention() {

			@Override
			public String getName() {
				return "my.wait";
			}

		};
		LockHoldObservationConvention holds = new LockHoldObservationConvention() {

			@Override
			public KeyValues getLowCardinalityKeyValues(LockHoldContext context) {
				return LockHoldObservationConvention.super.getLowCardinalityKeyValues(context).and("kind",
						context.lockHold().isHandedOver() ? "handed over" : "granted");
			}

		};
		engine(waits, holds).run("net-1", () -> {
		});
		awaitStopped(2);
		assertThat(low(this.observations.started("my.wait"))).contains("outcome=acquired");
		assertThat(low(this.observations.started(HOLD))).contains("kind=granted", "outcome=released");
	}

	@Test
	void manyIdsAreOneWaitWhichNamesTwentyOfThem() {
		String[] ids = IntStream.range(100, 130).mapToObj((i) -> "net-" + i).toArray(String[]::new);
		engine(null, null).lock(LockRequest.of(ids)).close();
		awaitStopped(31);
		assertThat(high(this.observations.started(WAIT))).singleElement()
			.asString()
			.contains("net-100,net-101,")
			.endsWith(",net-119");
	}

	@Test
	void aRegistryWithoutHandlersIsNotTold() {
		LockObservations silent = new LockObservations(ObservationRegistry.create(), "local", null, null);
		try (LockEngine engine = new LockEngine(new LocalLockDriver(), settings(), (event) -> {
		}, Transactions.NONE, List.of(silent), ThreadSource.PLATFORM)) {
			engine.run("net-1", () -> {
			});
		}
		assertThat(this.observations.started).isEmpty();
	}

	// Holds are told soon after they begin and end, by another thread.
	private void awaitStopped(int count) {
		await().untilAsserted(() -> assertThat(this.observations.stopped).hasSize(count));
	}

	private LockEngine engine(@Nullable LockWaitObservationConvention waits,
			@Nullable LockHoldObservationConvention holds) {
		this.engine = newEngine(waits, holds);
		return this.engine;
	}

	private LockEngine newEngine(@Nullable LockWaitObservationConvention waits,
			@Nullable LockHoldObservationConvention holds) {
		return new LockEngine(this.others.newClient(), settings(), (event) -> {
		}, Transactions.NONE, List.of(new LockObservations(this.registry, "local", waits, holds)),
				ThreadSource.PLATFORM);
	}

	private static EngineSettings settings() {
		return new EngineSettings("observation-tests", EngineSettings.newInstanceName(), Duration.ofSeconds(20), null,
				null, new HandOver(10, Duration.ofMinutes(10)));
	}

	private static List<String> low(Observation.Context context) {
		return context.getLowCardinalityKeyValues().stream().map(LockObservationsTests::text).toList();
	}

	private static List<String> high(Observation.Context context) {
		return context.getHighCardinalityKeyValues().stream().map(LockObservationsTests::text).toList();
	}

	private static String text(KeyValue key) {
		return key.getKey() + "=" + key.getValue();
	}

	private static List<String> names(KeyValues keys) {
		return keys.stream().map(KeyValue::getKey).toList();
	}

	private static List<String> names(KeyName[] names) {
		return Arrays.stream(names).map(KeyName::asString).toList();
	}

}
