/**
 * Tests of what Micrometer is told.
 */
@NullMarked
package org.dragonflow.lock.observation;

import org.jspecify.annotations.NullMarked;
