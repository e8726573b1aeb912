/**
 * Tests of the engine.
 */
@NullMarked
package org.dragonflow.lock.engine.line;

import org.jspecify.annotations.NullMarked;
