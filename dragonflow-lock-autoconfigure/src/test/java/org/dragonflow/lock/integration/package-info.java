/**
 * Tests of the lock registry.
 */
@NullMarked
package org.dragonflow.lock.integration;

import org.jspecify.annotations.NullMarked;
