package org.dragonflow.lock.observation;

import java.util.Arrays;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.StoreCall;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is counted of the store.
 */
class LockMetersTests {

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final LockMeters meters = new LockMeters("jdbc");

	@Test
	void eachCallOfTheStoreIsCountedByItselfAndFromZero() {
		this.meters.bindTo(this.registry);
		assertThat(this.registry.getMeters()).hasSize(StoreCall.values().length)
			.allSatisfy((meter) -> assertThat(meter.getId().getTag("driver")).isEqualTo("jdbc"));
		assertThat(errors("renew")).isZero();
		LockStoreException failure = LockStoreException.unreachable("no answer", null);
		this.meters.storeFailed(StoreCall.RENEW, failure);
		this.meters.storeFailed(StoreCall.RENEW, failure);
		this.meters.storeFailed(StoreCall.ACQUIRE, failure);
		assertThat(errors("renew")).isEqualTo(2);
		assertThat(errors("acquire")).isEqualTo(1);
		assertThat(errors("release")).isZero();
	}

	@Test
	void whatIsDocumentedIsWhatThereIs() {
		this.meters.bindTo(this.registry);
		LockMeterDocumentation documented = LockMeterDocumentation.STORE_ERRORS;
		assertThat(this.registry.getMeters()).extracting(Meter::getId).allSatisfy((id) -> {
			assertThat(id.getName()).isEqualTo(documented.getName());
			assertThat(id.getType()).isEqualTo(documented.getType());
			assertThat(id.getTags()).hasSameSizeAs(documented.getKeyNames())
				.allMatch((tag) -> Arrays.stream(documented.getKeyNames())
					.anyMatch((name) -> name.asString().equals(tag.getKey())));
		});
	}

	private double errors(String call) {
		return this.registry.get("dragonflow.lock.store.errors").tag("call", call).functionCounter().count();
	}

}
