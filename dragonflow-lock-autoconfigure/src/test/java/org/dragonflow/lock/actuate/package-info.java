/**
 * Tests of the endpoint and the health of the locks.
 */
@NullMarked
package org.dragonflow.lock.actuate;

import org.jspecify.annotations.NullMarked;
