/**
 * Tests of the engine.
 */
@NullMarked
package org.dragonflow.lock.engine.hold;

import org.jspecify.annotations.NullMarked;
