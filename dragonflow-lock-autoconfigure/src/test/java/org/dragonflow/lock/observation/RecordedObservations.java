package org.dragonflow.lock.observation;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;

import static org.awaitility.Awaitility.await;

/**
 * Remembers the contexts of observations, in the order of their begin and of their end.
 */
final class RecordedObservations implements ObservationHandler<Observation.Context> {

	final List<Observation.Context> started = new CopyOnWriteArrayList<>();

	final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();

	@Override
	public void onStart(Observation.Context context) {
		this.started.add(context);
	}

	@Override
	public void onStop(Observation.Context context) {
		this.stopped.add(context);
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return true;
	}

	/**
	 * The only one that has begun under a name, which may be told a little later.
	 */
	Observation.Context started(String name) {
		await().until(() -> this.started.stream().anyMatch((context) -> name.equals(context.getName())));
		List<Observation.Context> found = this.started.stream()
			.filter((context) -> name.equals(context.getName()))
			.toList();
		if (found.size() != 1) {
			throw new AssertionError(found.size() + " observations of " + name + ": " + found);
		}
		return found.get(0);
	}

}
