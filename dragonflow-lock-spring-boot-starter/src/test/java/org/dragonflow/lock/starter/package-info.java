/**
 * Tests of what the starter brings.
 */
@NullMarked
package org.dragonflow.lock.starter;

import org.jspecify.annotations.NullMarked;
