/**
 * Tests of what the lock console records, and when it does.
 */
@NullMarked
package org.dragonflow.lock.console;

import org.jspecify.annotations.NullMarked;
