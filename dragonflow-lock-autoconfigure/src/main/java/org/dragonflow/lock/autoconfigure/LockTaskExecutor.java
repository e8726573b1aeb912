package org.dragonflow.lock.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@link org.springframework.core.task.TaskExecutor} bean that runs the
 * listeners of lock events and the actions of handles. Without one, the locks have
 * threads of their own for it. What the executor refuses runs on these. Declared with
 * {@code @Bean(defaultCandidate = false)} it stays out of the application's way.
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface LockTaskExecutor {

}
