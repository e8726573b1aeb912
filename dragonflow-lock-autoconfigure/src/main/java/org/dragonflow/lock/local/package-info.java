/**
 * The driver for a single JVM.
 */
@NullMarked
package org.dragonflow.lock.local;

import org.jspecify.annotations.NullMarked;
