package org.dragonflow.lock.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations of a lock. Each becomes a timer, a timer of those that go on, and a
 * span. A metric has the keys of low cardinality, a span has all.
 */
public enum LockObservationDocumentation implements ObservationDocumentation {

	/**
	 * A thread wants locks, until it has them or gives up. Every request is one, however
	 * short, but for what the thread has locked already.
	 */
	WAIT("wait", HighCardinality.OBJECT_IDS),

	/**
	 * A lock is held by this instance. There is one for each id, and for each thread that
	 * it is handed over to.
	 */
	HOLD("hold", HighCardinality.values());

	private final String what;

	private final KeyName[] highCardinalityKeyNames;

	LockObservationDocumentation(String what, KeyName... highCardinalityKeyNames) {
		this.what = what;
		this.highCardinalityKeyNames = highCardinalityKeyNames;
	}

	@Override
	public String getName() {
		return "dragonflow.lock." + this.what;
	}

	@Override
	public String getContextualName() {
		return "lock " + this.what;
	}

	@Override
	public KeyName[] getLowCardinalityKeyNames() {
		return LowCardinality.values();
	}

	@Override
	public KeyName[] getHighCardinalityKeyNames() {
		return this.highCardinalityKeyNames.clone();
	}

	/**
	 * The keys of metrics and spans. None has more values than an application has
	 * methods.
	 */
	public enum LowCardinality implements KeyName {

		/**
		 * The driver, as {@code dragonflow.lock.driver} names it; {@code custom} where
		 * the application has one of its own.
		 */
		DRIVER("driver"),

		/**
		 * What the lock is for: the scope of {@code @NbLocked}, or else class and method;
		 * the label of a request; {@code none} without any.
		 */
		LABEL("label"),

		/**
		 * How it has ended, in lower case: for a wait {@code acquired}, {@code refused},
		 * {@code interrupted}, {@code failed} or {@code closed}; for a hold
		 * {@code released}, {@code handed_over}, {@code lost} or {@code closed}. Not
		 * there while it goes on.
		 */
		OUTCOME("outcome");

		private final String key;

		LowCardinality(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

	/**
	 * The keys of spans only.
	 */
	public enum HighCardinality implements KeyName {

		/**
		 * The ids: those that a wait is for, twenty at most, or the one that is held.
		 */
		OBJECT_IDS("dragonflow.lock.object.ids"),

		/**
		 * The fencing token of a hold, 0 if the driver mints none.
		 */
		FENCING_TOKEN("dragonflow.lock.fencing.token"),

		/**
		 * The owner of a hold, as its record in the store names it.
		 */
		OWNER("dragonflow.lock.owner");

		private final String key;

		HighCardinality(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
