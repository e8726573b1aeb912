package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockException;
import org.dragonflow.lock.engine.Releaser.Releases;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes the locks of one request, and ends several holds, with as few questions to the
 * store as that can be done.
 * <p>
 * Whoever waits holds nothing that comes after what it waits for, neither in the store
 * nor in a line of this JVM. That is all that keeps requests from blocking each other for
 * ever, across all instances. So what is taken ahead of its turn, because it was free, is
 * given back before a wait begins.
 */
final class ManyHolds {

	/**
	 * How many locks one request to the store names at most. Nobody renews a hold while
	 * others of its request are still under way, and some drivers take and release one by
	 * one: many thousands would outlast the lease of the first one, again and again.
	 */
	static final int AT_ONCE = 500;

	private static final Log logger = LogFactory.getLog(ManyHolds.class);

	private final Holds holds;

	private final Grants grants;

	private final Closing closing;

	private final Releaser releaser;

	private final LocalQueues queues;

	private final WaitWatch watch;

	ManyHolds(Holds holds, Grants grants, Closing closing, Releaser releaser, LocalQueues queues, WaitWatch watch) {
		this.holds = holds;
		this.grants = grants;
		this.closing = closing;
		this.releaser = releaser;
		this.queues = queues;
		this.watch = watch;
	}

	/**
	 * Takes all locks or none.
	 * @param keys what to take, in the order that all requests have in common
	 * @param owner the thread that will own them, null if a handle will
	 * @param taken receives the holds; empty
	 * @return null, or the first key that was not to be had
	 */
	@Nullable LockKey takeAll(List<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting, @Nullable Thread owner,
			List<EngineHold> taken) throws InterruptedException {
		if (keys.isEmpty()) {
			return null;
		}
		WaitOutcome outcome = WaitOutcome.FAILED;
		waiting.began(keys);
		try {
			LockKey refused = takeInOrder(keys, lease, waitUntil, waiting, owner, taken);
			outcome = (refused != null) ? WaitOutcome.REFUSED : WaitOutcome.ACQUIRED;
			if (refused != null) {
				giveBack(taken);
			}
			return refused;
		}
		catch (RuntimeException | InterruptedException ex) {
			outcome = outcomeOf(ex);
			Failures failures = new Failures();
			failures.collect(() -> endAll(taken));
			failures.suppressedBy(ex);
			throw ex;
		}
		finally {
			waiting.ended(outcome);
		}
	}

	private WaitOutcome outcomeOf(Exception ex) {
		if (ex instanceof InterruptedException) {
			return WaitOutcome.INTERRUPTED;
		}
		return this.closing.hasBegun() ? WaitOutcome.CLOSED : WaitOutcome.FAILED;
	}

	/**
	 * Gives back what was taken of a request that is refused. Nobody has relied on it: if
	 * one was lost meanwhile, or the store does not confirm, that is no matter of who has
	 * asked.
	 */
	private void giveBack(List<EngineHold> taken) {
		try {
			endAll(taken);
		}
		catch (LockException ex) {
			logger.info("A request was refused, and not all that it had taken could be given back", ex);
		}
	}

	private void endAll(List<EngineHold> taken) {
		List<EngineHold> left = new ArrayList<>(taken);
		taken.clear();
		releaseAll(left);
	}

	private @Nullable LockKey takeInOrder(List<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting,
			@Nullable Thread owner, List<EngineHold> taken) throws InterruptedException {
		while (taken.size() < keys.size()) {
			int end = Math.min(taken.size() + AT_ONCE, keys.size());
			List<LockKey> run = keys.subList(taken.size(), end);
			Place place = (run.size() > 1) ? takeWhatIsFree(run, lease, waitUntil, waiting, owner, taken) : null;
			if (taken.size() == end) {
				continue;
			}
			if (place == null && run.size() > 1 && waitUntil.hasPassed()) {
				return keys.get(taken.size());
			}
			// This one is to be waited for, with nothing held that comes after it.
			LockKey key = keys.get(taken.size());
			EngineHold hold = (place != null) ? this.holds.takeFromStore(key, waitUntil, waiting, place)
					: this.holds.take(key, lease, waitUntil, waiting, owner);
			if (hold == null) {
				return key;
			}
			taken.add(hold);
			waiting.granted(hold, taken.size());
		}
		return null;
	}

	/**
	 * Takes the first of some locks, for as long as they are free.
	 * @param taken receives the holds
	 * @return the place of the one that comes next, if it is the head of its line and may
	 * ask the store; null if there is none, or another has that lock
	 */
	private @Nullable Place takeWhatIsFree(List<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting,
			@Nullable Thread owner, List<EngineHold> taken) throws InterruptedException {
		this.closing.refuseWhenBegun();
		List<Place> places = enterFreeLines(keys, lease, owner);
		if (places.size() < 2) {
			return places.isEmpty() ? null : places.get(0);
		}
		this.watch.begin();
		List<Place> unused = places;
		try {
			List<LockAttempt> attempts = new ArrayList<>(places.size());
			for (LockKey key : keys.subList(0, places.size())) {
				attempts.add(this.grants.attempt(key, lease, waitUntil));
			}
			List<@Nullable Grant> grants = this.grants.acquireFree(attempts, waiting);
			List<EngineHold> granted = new ArrayList<>(places.size());
			try {
				acceptFirst(attempts, grants, places, granted);
			}
			finally {
				for (EngineHold hold : granted) {
					taken.add(hold);
					waiting.granted(hold, taken.size());
				}
				unused = places.subList(granted.size(), places.size());
				if (!unused.isEmpty()) {
					giveBackAfter(granted.size(), attempts, grants);
				}
			}
			granted.forEach(this.closing::refuseWhenBegun);
			if (unused.isEmpty() || (grants.get(granted.size()) == null && waitUntil.hasPassed())) {
				return null;
			}
			Place next = unused.get(0);
			unused = unused.subList(1, unused.size());
			return next;
		}
		finally {
			unused.forEach(this.queues::leave);
		}
	}

	/**
	 * Enters lines in which nobody stands, up to the first one in which somebody does.
	 */
	private List<Place> enterFreeLines(List<LockKey> keys, Duration lease, @Nullable Thread owner) {
		List<Place> places = new ArrayList<>(keys.size());
		for (LockKey key : keys) {
			Place place = this.queues.enterIfFree(key.objectId(), lease, owner);
			if (place == null) {
				break;
			}
			places.add(place);
		}
		return places;
	}

	private void acceptFirst(List<LockAttempt> attempts, List<@Nullable Grant> grants, List<Place> places,
			List<EngineHold> granted) {
		for (int i = 0; i < grants.size(); i++) {
			Grant grant = grants.get(i);
			EngineHold hold = (grant != null) ? this.grants.accept(attempts.get(i), grant, places.get(i)) : null;
			if (hold == null) {
				break;
			}
			granted.add(hold);
		}
	}

	/**
	 * Gives back what was granted after the first lock that was not. Ended by the store's
	 * answer, not in the background: the wait that follows must find it done.
	 */
	private void giveBackAfter(int refused, List<LockAttempt> attempts, List<@Nullable Grant> grants) {
		Map<Hold, Deadline> ahead = new LinkedHashMap<>();
		for (int i = refused + 1; i < grants.size(); i++) {
			Grant grant = grants.get(i);
			if (grant != null) {
				ahead.put(attempts.get(i).hold(), grant.validUntil());
			}
		}
		// Lost or not confirmed: nobody has relied on it, and it ends with its lease at
		// the latest. A store that is gone will be met by the wait that follows.
		this.releaser.releaseAll(ahead);
	}

	/**
	 * Ends holds, the last one first. A failure does not keep the others from ending.
	 * @throws org.dragonflow.lock.LockLostException if one was lost before
	 * @throws org.dragonflow.lock.LockStoreException if the store did not confirm the
	 * release of one. What failed besides is suppressed by it.
	 */
	void releaseAll(List<EngineHold> all) {
		Failures failures = new Failures();
		// Those whose turn has not come are kept up until then.
		for (int end = all.size(); end > 0; end -= AT_ONCE) {
			releaseTogether(all.subList(Math.max(0, end - AT_ONCE), end), failures);
		}
		failures.throwFirst();
	}

	private void releaseTogether(List<EngineHold> some, Failures failures) {
		List<EngineHold> inStore = new ArrayList<>(some.size());
		for (int i = some.size() - 1; i >= 0; i--) {
			EngineHold hold = some.get(i);
			failures.collect(() -> {
				if (!this.holds.endHere(hold)) {
					inStore.add(hold);
				}
			});
		}
		try {
			releaseFromStore(inStore, failures);
		}
		finally {
			inStore.forEach(this.holds::leave);
		}
	}

	private void releaseFromStore(List<EngineHold> holds, Failures failures) {
		Map<Hold, Deadline> storeHolds = new LinkedHashMap<>();
		holds.forEach((hold) -> storeHolds.put(hold.storeHold(), hold.validUntil()));
		Releases releases = this.releaser.releaseAll(storeHolds);
		for (EngineHold hold : holds) {
			if (releases.lost().contains(hold.storeHold())) {
				hold.loseInRelease();
				failures.add(hold.lostException());
			}
		}
		releases.unconfirmed().forEach(failures::add);
	}

}
