/**
 * Tests of the engine.
 */
@NullMarked
package org.dragonflow.lock.engine;

import org.jspecify.annotations.NullMarked;
