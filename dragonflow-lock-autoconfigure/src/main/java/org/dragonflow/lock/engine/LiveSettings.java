package org.dragonflow.lock.engine;

/**
 * The settings that hold now. Each use reads them anew, and nothing that has been granted
 * or begun changes with them.
 */
final class LiveSettings {

	private volatile EngineSettings current;

	LiveSettings(EngineSettings current) {
		this.current = current;
	}

	EngineSettings get() {
		return this.current;
	}

	void change(EngineSettings changed) {
		EngineSettings before = this.current;
		if (!changed.namespace().equals(before.namespace()) || !changed.instance().equals(before.instance())) {
			throw new IllegalArgumentException("Neither the namespace nor the name of an instance can change: holds of "
					+ before.instance() + " in '" + before.namespace() + "' are known by them");
		}
		this.current = changed;
	}

}
