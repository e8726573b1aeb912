package org.dragonflow.lock.engine.request;

import org.dragonflow.lock.engine.EngineSettings;

/**
 * The settings that hold now. Each use reads them anew, and nothing that has been granted
 * or begun changes with them.
 */
public final class LiveSettings {

	private volatile EngineSettings current;

	public LiveSettings(EngineSettings current) {
		this.current = current;
	}

	public EngineSettings get() {
		return this.current;
	}

	public void change(EngineSettings changed) {
		EngineSettings before = this.current;
		if (!changed.namespace().equals(before.namespace()) || !changed.instance().equals(before.instance())) {
			throw new IllegalArgumentException("Neither the namespace nor the name of an instance can change: holds of "
					+ before.instance() + " in '" + before.namespace() + "' are known by them");
		}
		this.current = changed;
	}

}
