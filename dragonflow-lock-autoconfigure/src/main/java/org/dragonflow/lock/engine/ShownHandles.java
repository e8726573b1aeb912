package org.dragonflow.lock.engine;

import java.util.concurrent.Callable;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.jspecify.annotations.Nullable;

/**
 * The handles whose holds a thread is shown as its own while it makes a call. The
 * thread's entry is gone when the call has ended.
 */
record ShownHandles(LockEngine lock, ThreadLocal<@Nullable Shown> innermost) {

	<T extends @Nullable Object> T callWith(LockHandle handle, Callable<T> action) throws Exception {
		if (!(handle instanceof EngineHandle known && known.isOf(this.lock))) {
			throw new IllegalArgumentException("Not a handle of this lock: " + handle);
		}
		Shown before = this.innermost.get();
		this.innermost.set(new Shown(known, before));
		try {
			return action.call();
		}
		finally {
			if (before != null) {
				this.innermost.set(before);
			}
			else {
				this.innermost.remove();
			}
		}
	}

	/**
	 * The hold that this thread is shown, lost or not, unless its handle was closed.
	 */
	@Nullable EngineHold get(String objectId) {
		for (Shown shown = this.innermost.get(); shown != null; shown = shown.outer) {
			EngineHold hold = shown.handle.find(objectId);
			if (hold != null) {
				return hold;
			}
		}
		return null;
	}

	record Shown(EngineHandle handle, @Nullable Shown outer) {
	}

}
