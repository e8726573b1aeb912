package org.dragonflow.lock.aop;

import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * A subscription to what a method returns. The method is called, and its publisher
 * subscribed to, asked for more and cancelled, on threads of the library: many a
 * publisher works on the thread that asks it, and nobody may find that to be its own.
 * Only who is just given an element asks where it is, on the publisher's thread.
 */
final class ReactiveWork implements CoreSubscriber<Object>, Subscription {

	private final CoreSubscriber<Object> subscriber;

	private final AsyncHold hold;

	private final ProxyMethodInvocation invocation;

	private final AtomicLong requested = new AtomicLong();

	private volatile @Nullable Subscription source;

	private volatile boolean cancelled;

	private volatile boolean done;

	private volatile Context context;

	// Read by a thread only to find itself, which nobody else writes: so any race will
	// do.
	private @Nullable Thread giving;

	private ReactiveWork(CoreSubscriber<Object> subscriber, AsyncHold hold, ProxyMethodInvocation invocation) {
		this.subscriber = subscriber;
		this.hold = hold;
		this.invocation = invocation;
		this.context = subscriber.currentContext();
	}

	static void begin(Subscriber<? super Object> subscriber, AsyncHold hold, ProxyMethodInvocation invocation) {
		// Serialized, because a failure to ask for more comes from beside the publisher.
		CoreSubscriber<Object> serialized = Operators.serialize(Operators.toCoreSubscriber(subscriber));
		ReactiveWork work = new ReactiveWork(serialized, hold, invocation);
		// Before the wait begins: what is asked for by then takes no thread of its own.
		serialized.onSubscribe(work);
		if (!work.cancelled) {
			hold.begin(work::subscribe, work::onError);
		}
	}

	private void subscribe(LockHandle handle) {
		if (this.cancelled) {
			return;
		}
		// Lets the work find its hold, on whichever thread it is.
		this.context = this.context.put(LockHandle.class, new ReadOnlyHandle(handle));
		try {
			// An invocation can be made only once; there may be many subscriptions.
			Object returned = this.hold.proceed(handle, this.invocation.invocableClone());
			if (returned == null) {
				throw new IllegalStateException(
						this.invocation.getMethod() + " has returned null instead of a publisher");
			}
			((Publisher<?>) returned).subscribe(this);
		}
		catch (Throwable ex) {
			onError(ex);
		}
	}

	@Override
	public Context currentContext() {
		return this.context;
	}

	@Override
	public void onSubscribe(Subscription subscription) {
		if (Operators.validate(this.source, subscription)) {
			this.source = subscription;
			if (this.cancelled) {
				subscription.cancel();
			}
			else {
				ask();
			}
		}
	}

	@Override
	public void request(long count) {
		// Where something is asked for already, somebody is about to pass it on.
		if (!Operators.validate(count) || this.requested.getAndAccumulate(count, Operators::addCap) != 0
				|| this.source == null || this.done) {
			return;
		}
		if (isGiving()) {
			ask();
			return;
		}
		try {
			this.hold.execute(() -> {
				try {
					ask();
				}
				catch (Throwable ex) {
					onError(ex);
				}
			});
		}
		catch (LockStoreException ex) {
			cancelSource();
			onError(ex);
		}
	}

	private void ask() {
		Subscription source = this.source;
		long count = (source != null) ? this.requested.getAndSet(0) : 0;
		if (source != null && count > 0) {
			source.request(count);
		}
	}

	@Override
	public void cancel() {
		this.cancelled = true;
		if (this.source == null || this.done) {
			return;
		}
		if (isGiving()) {
			cancelSource();
			return;
		}
		try {
			this.hold.execute(this::cancelSource);
		}
		catch (LockStoreException ex) {
			// On the thread at hand: the lock is released next.
			cancelSource();
		}
	}

	private boolean isGiving() {
		return this.giving == Thread.currentThread();
	}

	private void cancelSource() {
		Subscription source = this.source;
		if (source != null) {
			source.cancel();
		}
	}

	@Override
	public void onNext(Object value) {
		Thread outer = this.giving;
		this.giving = Thread.currentThread();
		try {
			this.subscriber.onNext(value);
		}
		finally {
			this.giving = outer;
		}
	}

	@Override
	public void onError(Throwable failure) {
		this.done = true;
		this.subscriber.onError(failure);
	}

	@Override
	public void onComplete() {
		this.done = true;
		this.subscriber.onComplete();
	}

}
