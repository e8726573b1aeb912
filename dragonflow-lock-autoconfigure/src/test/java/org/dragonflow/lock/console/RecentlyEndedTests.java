package org.dragonflow.lock.console;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import org.dragonflow.lock.console.Ended.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

class RecentlyEndedTests {

	private static final int CAPACITY = RecentlyEnded.CAPACITY;

	private final RecentlyEnded recent = new RecentlyEnded();

	@Test
	void aPageHasWhatCameLater() {
		add(3);
		assertThat(numbers(this.recent.after(-1))).containsExactly(0L, 1L, 2L);
		assertThat(numbers(this.recent.after(1))).containsExactly(2L);
		RecentlyEnded.Page none = this.recent.after(2);
		assertThat(none.ended()).isEmpty();
		assertThat(none.last()).as("where the next page begins").isEqualTo(2);
	}

	@Test
	void whatIsOldIsForgottenAndCounted() {
		add(CAPACITY + 10);
		assertThat(numbers(this.recent.after(-1))).as("all that is kept")
			.isEqualTo(LongStream.range(10, CAPACITY + 10).boxed().toList());
		assertThat(this.recent.after(-1).missed()).as("what somebody new has missed").isZero();
		assertThat(this.recent.after(4).missed()).as("missed by who knows those up to number 4").isEqualTo(5);
	}

	@Test
	void aNumberOfAnotherRecordingIsNoHarm() {
		add(2);
		RecentlyEnded.Page page = this.recent.after(1000);
		assertThat(page.ended()).isEmpty();
		assertThat(page.last()).isEqualTo(1);
		assertThat(this.recent.after(Long.MAX_VALUE).ended()).isEmpty();
		assertThat(this.recent.after(Long.MIN_VALUE).ended()).hasSize(2);
	}

	@Test
	void whatIsJustBeingAddedIsOnTheNextPage() throws Exception {
		add(1);
		SlowAdd slow = new SlowAdd();
		add(1);
		RecentlyEnded.Page page = this.recent.after(-1);
		assertThat(numbers(page)).as("up to what is just being added").containsExactly(0L);
		slow.finish();
		assertThat(numbers(this.recent.after(page.last()))).as("the next page").containsExactly(1L, 2L);
	}

	@Test
	void whoWasHeldUpDoesNotHideWhatCameLater() throws Exception {
		SlowAdd slow = new SlowAdd();
		add(CAPACITY + 1);
		slow.finish();
		assertThat(numbers(this.recent.after(-1))).isEqualTo(LongStream.range(2, CAPACITY + 2).boxed().toList());
	}

	@Test
	@Timeout(60)
	void nothingIsLostOrToldTwiceWhileManyAdd() throws Exception {
		int threads = 4;
		int each = 20_000;
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				work.add(() -> {
					add(each);
					return null;
				});
			}
			List<Future<Void>> adding = work.stream().map(executor::submit).toList();
			long last = -1;
			long seen = 0;
			long missed = 0;
			while (last < (long) threads * each - 1) {
				RecentlyEnded.Page page = this.recent.after(last);
				assertThat(page.ended()).as("a page").hasSizeLessThanOrEqualTo(CAPACITY);
				// The first page counts nothing as missed.
				missed += (last < 0) ? page.last() + 1 - page.ended().size() : page.missed();
				seen += page.ended().size();
				assertThat(seen + missed).as("what was seen or missed up to number " + page.last())
					.isEqualTo(page.last() + 1);
				last = page.last();
			}
			for (Future<Void> added : adding) {
				added.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	private void add(int count) {
		for (int i = 0; i < count; i++) {
			this.recent.add(RecentlyEndedTests::ended);
		}
	}

	private static Ended ended(long number) {
		return new Ended(number, Kind.HOLD, "net-1", "thread", null, 0, 0, 0, "RELEASED");
	}

	private static List<Long> numbers(RecentlyEnded.Page page) {
		return page.ended().stream().map(Ended::number).toList();
	}

	/**
	 * Has its number, and is held up before it has a place.
	 */
	private final class SlowAdd {

		private final CountDownLatch goOn = new CountDownLatch(1);

		private final Thread thread;

		SlowAdd() throws InterruptedException {
			CountDownLatch numbered = new CountDownLatch(1);
			this.thread = new Thread(() -> RecentlyEndedTests.this.recent.add((number) -> {
				numbered.countDown();
				await(this.goOn);
				return ended(number);
			}));
			this.thread.start();
			assertThat(numbered.await(30, TimeUnit.SECONDS)).as("it has a number").isTrue();
		}

		void finish() throws InterruptedException {
			this.goOn.countDown();
			this.thread.join();
		}

		private static void await(CountDownLatch latch) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

}
