/**
 * Tests of the endpoint of the locks, by HTTP and on a real store.
 */
@NullMarked
package org.dragonflow.lock.actuate;

import org.jspecify.annotations.NullMarked;
