package org.dragonflow.lock.console;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.console.Ended.Kind;
import org.dragonflow.lock.engine.HeldLock;
import org.dragonflow.lock.engine.LockSnapshot;
import org.dragonflow.lock.engine.WaitingThread;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the page draws. All times are in milliseconds, and all moments count from when
 * this instance began to record, by the clock of this JVM that never jumps: the page
 * compares them with each other, and never with a clock of its own.
 *
 * @param application the name of the application
 * @param recording names this recording; another name means that all begins anew
 * @param now the moment of this report
 * @param last after which number to ask for more
 * @param missed how many that the page asked for are kept no longer
 * @param cut whether not all holds or threads are listed, but those that are the oldest
 * @param heldCount how many locks are held
 * @param waitingCount how many threads wait
 * @param held the locks
 * @param waiting the threads
 * @param ended what has ended since
 */
record ConsoleReport(String application, String recording, double now, long last, long missed, boolean cut,
		long heldCount, long waitingCount, List<Held> held, List<Waiting> waiting,
		List<Past> ended) implements OperationResponseBody {

	private static double millis(long nanos) {
		return TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0;
	}

	private static double millis(Duration duration) {
		return millis(duration.toNanos());
	}

	/**
	 * The token as text: it has more digits than a number of the page keeps.
	 */
	static @Nullable String token(long fencingToken) {
		return (fencingToken != 0) ? Long.toString(fencingToken) : null;
	}

	/**
	 * A lock that is held.
	 */
	record Held(String id, String holder, @Nullable String token, String thread, boolean byHandle, double since,
			double lease, double leaseLeft, int handedOver, int waiters, boolean revoked) {

		static Held of(HeldLock lock, long sinceStart) {
			return new Held(Texts.cut(lock.objectId()), Texts.cut(lock.owner()),
					ConsoleReport.token(lock.fencingToken()), Texts.cut(lock.thread()), lock.byHandle(),
					millis(sinceStart - lock.age().toNanos()), millis(lock.lease()), millis(lock.remaining()),
					lock.handedOver(), lock.waiters(), lock.revoked());
		}

	}

	/**
	 * A thread that waits, for another instance or behind threads of this one.
	 */
	record Waiting(String id, String thread, double since, int position, boolean inStore) {

		static Waiting of(WaitingThread waiting, long sinceStart) {
			return new Waiting(Texts.cut(waiting.objectId()), Texts.cut(waiting.thread()),
					millis(sinceStart - waiting.age().toNanos()), waiting.position(), waiting.inStore());
		}

	}

	/**
	 * Something that has ended.
	 */
	record Past(long number, Kind kind, @Nullable String id, String thread, @Nullable String label,
			@Nullable String token, double from, double to, String outcome) {

		static Past of(Ended ended, long startNanoTime) {
			return new Past(ended.number(), ended.kind(), ended.id(), ended.thread(), ended.label(),
					ConsoleReport.token(ended.fencingToken()), millis(ended.fromNanoTime() - startNanoTime),
					millis(ended.toNanoTime() - startNanoTime), ended.outcome());
		}

	}

	/**
	 * Makes reports of one recording.
	 */
	static final class Maker {

		private final String application;

		private final String recording;

		private final long startNanoTime = System.nanoTime();

		Maker(String application, String recording) {
			this.application = application;
			this.recording = recording;
		}

		/**
		 * A report of what goes on, and of what has ended. To be seen in this order: what
		 * ends in between is in both, and the page can tell.
		 */
		ConsoleReport report(LockSnapshot snapshot, RecentlyEnded.Page page) {
			long now = System.nanoTime() - this.startNanoTime;
			return new ConsoleReport(this.application, this.recording, millis(now), page.last(), page.missed(),
					snapshot.isCut(), snapshot.heldCount(), snapshot.waitingCount(),
					snapshot.held().stream().map((lock) -> Held.of(lock, now)).toList(),
					snapshot.waiting().stream().map((waiting) -> Waiting.of(waiting, now)).toList(),
					page.ended().stream().map((ended) -> Past.of(ended, this.startNanoTime)).toList());
		}

	}

}
