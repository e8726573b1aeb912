/**
 * For tests of code that locks:
 * {@link org.dragonflow.lock.test.AutoConfigureTestLock @AutoConfigureTestLock},
 * {@link org.dragonflow.lock.test.FakeLockDriver} and
 * {@link org.dragonflow.lock.test.LockAssertions}. And the contract kit: what a driver
 * author extends to find out whether a driver keeps its promises. See
 * {@link org.dragonflow.lock.test.LockDriverContract}.
 */
@NullMarked
package org.dragonflow.lock.test;

import org.jspecify.annotations.NullMarked;
