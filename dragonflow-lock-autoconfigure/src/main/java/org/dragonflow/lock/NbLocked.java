package org.dragonflow.lock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a method, or every public method of a type, while holding the lock on an object.
 * The name comes from the Northbound database, whose create, update and delete operations
 * it protects; it fits any method of a Spring bean.
 * <p>
 * The lock is taken before a transaction of the same method begins and released after it
 * has ended, so the next holder sees what was committed. Where the caller has a
 * transaction already, the lock is held until that has completed. It belongs to the
 * calling thread and is reentrant, as {@link DistributedLock#lock(String)} is. If the
 * hold was lost while the method ran, the caller gets a {@link LockLostException}
 * although the method has returned.
 * <p>
 * A method that returns a {@link java.util.concurrent.CompletionStage} or
 * {@link java.util.concurrent.CompletableFuture} is locked until that is complete, and
 * one that returns Reactor's {@code Mono} or {@code Flux} for each subscription until
 * that has ended: by completion, error or cancellation. The caller is not blocked. The
 * method is called, and its publisher subscribed to, by a thread of the library once the
 * lock is held, so it does not see the caller's thread-bound context. Such a hold belongs
 * to no thread: it is not reentrant, and no transaction of the caller keeps it.
 * {@link DistributedLock#held} shows it to the thread that calls the method, until the
 * method has returned; a method that needs the fencing token later, on other threads,
 * takes it then. In the {@code Mono} or {@code Flux} that it returns, Reactor's context
 * has the hold under the key {@code LockHandle.class}, to look at, on every thread. Where
 * the caller's thread holds the lock itself, the call is an
 * {@link IllegalStateException}. What {@link DistributedLock#acquire} throws, and a
 * {@link LockLostException} at the end, fail the result. Cancelling while the call waits
 * ends the wait. After that, what the caller does with its future does not reach the
 * stage that the method has returned, which is locked until it is complete. The source of
 * a cancelled {@code Mono} or {@code Flux} is cancelled, and locked until no thread of
 * the library is at work for it; what goes on elsewhere is not. Other asynchronous
 * results, and Kotlin's suspend functions, fail the start of the application.
 * <p>
 * Like all of Spring's annotations of this kind it works through a proxy: a method that
 * is called on {@code this} is not locked. By whichever of its types a bean is called,
 * also by a generic interface or one above, what ends in an annotated method is locked. A
 * method that cannot be advised (final, private, static, or called by Spring while it
 * makes or destroys the bean) fails the start of the application, and so does a bean that
 * is created too early, because a {@code BeanPostProcessor} needs it. An annotation on a
 * method overrides one on its type. It may be used as a meta-annotation.
 * <p>
 * Method security and validation come first, then the lock, then caches and transactions.
 * {@code @Async} and {@code @Retryable} are outside: the thread that does the work takes
 * the lock, and each attempt takes it anew. The property
 * {@code dragonflow.lock.aspect.order} moves the lock among the aspects that have an
 * order.
 *
 * <pre class="code">
 * &#064;NbLocked("#networkId")
 * public Port createPort(String networkId, PortRequest request) { ... }
 * </pre>
 */
@Target({ ElementType.METHOD, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface NbLocked {

	/**
	 * A SpEL expression that yields the id to lock, or a collection or array of ids that
	 * are locked all or nothing. Parameters are known by name ({@code "#network.id"},
	 * with the compiler's {@code -parameters}) and by position ({@code #a0},
	 * {@code #p0}); beans by {@code @beanName}; the bean itself is {@code #root.target}.
	 * {@code ${...}} placeholders are resolved. A parameter without its {@code #} fails
	 * the start.
	 * <p>
	 * An id that is not a string is converted by {@code toString()}, an enum by its name.
	 * An {@code int[]}, {@code long[]} or {@code short[]} is several ids, a {@code Path}
	 * is one. A null or empty id is an {@link IllegalArgumentException} that names the
	 * method; so is a value whose text could differ for the same object, such as one with
	 * the {@code toString()} of {@link Object} anywhere in it or a
	 * {@link java.util.Date}, one that only holds an id, such as an
	 * {@link java.util.Optional} or a map, and a {@code byte[]}, {@code char[]}, or array
	 * of any other primitive type.
	 * @return the expression
	 */
	String value();

	/**
	 * Whether to wait while another holds the lock.
	 * @return false to throw {@link LockUnavailableException} at once
	 */
	boolean block() default true;

	/**
	 * How long to wait at most: {@code "5s"}, {@code "PT5S"}, or a placeholder. (Java
	 * knows no annotation attribute with the plain name {@code wait}.)
	 * @return a duration, or an empty string for {@code dragonflow.lock.wait}
	 */
	String waitTime() default "";

	/**
	 * How long the hold outlives a crash of its holder, in the form of
	 * {@link #waitTime()}.
	 * @return a duration, or an empty string for {@code dragonflow.lock.lease}
	 */
	String lease() default "";

	/**
	 * Keeps the ids of one type of object apart from those of another: the id that is
	 * locked is the scope, a colon, and the expression's value.
	 * @return the scope; empty for none
	 */
	String scope() default "";

}
