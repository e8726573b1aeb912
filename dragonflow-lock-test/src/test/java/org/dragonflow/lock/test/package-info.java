/**
 * The contract kit on the drivers of this project, and tests of the kit itself.
 */
@NullMarked
package org.dragonflow.lock.test;

import org.jspecify.annotations.NullMarked;
