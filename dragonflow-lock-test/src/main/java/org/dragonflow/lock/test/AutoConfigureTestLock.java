package org.dragonflow.lock.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Replaces the driver of the application under test by a {@link FakeLockDriver},
 * whichever it has configured, or none: the store of its locks need not be there. All
 * else stays: {@code @NbLocked}, {@code DistributedLock}, transactions, events.
 * <p>
 * A test that starts a part of the application, such as one with {@code @WebMvcTest} or
 * {@code @DataJpaTest}, has no locks by itself, and gets them by this. So does one whose
 * application has {@code dragonflow.lock.enabled=false}.
 *
 * <pre class="code">
 * &#064;SpringBootTest
 * &#064;AutoConfigureTestLock
 * class PortServiceTests { ... }
 * </pre>
 *
 * The {@link FakeLockDriver} can be injected into the test. Tests that share an
 * application share its locks: release what you lock.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface AutoConfigureTestLock {

}
