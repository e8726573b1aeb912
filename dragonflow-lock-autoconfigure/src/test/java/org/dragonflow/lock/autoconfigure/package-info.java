/**
 * Tests of the auto-configuration.
 */
@NullMarked
package org.dragonflow.lock.autoconfigure;

import org.jspecify.annotations.NullMarked;
