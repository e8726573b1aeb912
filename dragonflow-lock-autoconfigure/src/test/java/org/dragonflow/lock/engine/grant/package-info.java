/**
 * Tests of the engine.
 */
@NullMarked
package org.dragonflow.lock.engine.grant;

import org.jspecify.annotations.NullMarked;
