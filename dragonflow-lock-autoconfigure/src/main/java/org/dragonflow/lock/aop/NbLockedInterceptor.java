package org.dragonflow.lock.aop;

import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Holds the lock while the method works.
 */
final class NbLockedInterceptor implements MethodInterceptor {

	private static final Log logger = LogFactory.getLog(NbLockedInterceptor.class);

	private final LockedMethods methods;

	private final Supplier<DistributedLock> lock;

	NbLockedInterceptor(LockedMethods methods, Supplier<DistributedLock> lock) {
		this.methods = methods;
		this.lock = lock;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? target.getClass() : invocation.getMethod().getDeclaringClass();
		LockedMethod method = this.methods.find(invocation.getMethod(), targetClass);
		if (method == null) {
			return invocation.proceed();
		}
		DistributedLock lock = this.lock.get();
		LockRequest request = method.request(target, invocation.getArguments());
		return switch (method.resultType()) {
			case VALUE -> call(lock, request, invocation);
			case STAGE -> StageCall.begin(lock, request, ((ProxyMethodInvocation) invocation).invocableClone());
			case MONO -> ReactiveCalls.mono(lock, request, (ProxyMethodInvocation) invocation);
			case FLUX -> ReactiveCalls.flux(lock, request, (ProxyMethodInvocation) invocation);
		};
	}

	private static @Nullable Object call(DistributedLock lock, LockRequest request, MethodInvocation invocation)
			throws Throwable {
		LockHandle hold = lock.lock(request);
		Object result;
		try {
			result = invocation.proceed();
		}
		catch (Throwable ex) {
			releaseAfterFailure(hold, ex);
			throw ex;
		}
		release(hold);
		return result;
	}

	/**
	 * Releases after the work is done.
	 * @throws org.dragonflow.lock.LockLostException if the hold was lost before
	 */
	static void release(LockHandle hold) {
		try {
			hold.close();
		}
		catch (LockStoreException ex) {
			// The work is done, and was protected to its end: to fail now would make the
			// caller repeat what has been committed. Others wait a little longer, until
			// the lease ends at the latest. A loss is another matter, and goes through.
			logger.warn("The release of the lock on " + hold.objectIds() + " was not confirmed", ex);
		}
	}

	private static void releaseAfterFailure(LockHandle hold, Throwable failure) {
		try {
			hold.close();
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

}
