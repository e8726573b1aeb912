/**
 * Tests of the engine.
 */
@NullMarked
package org.dragonflow.lock.engine.threads;

import org.jspecify.annotations.NullMarked;
