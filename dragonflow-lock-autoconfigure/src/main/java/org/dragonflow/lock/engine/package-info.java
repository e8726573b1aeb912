/**
 * The lock's semantics, written once and free of any store.
 */
@NullMarked
package org.dragonflow.lock.engine;

import org.jspecify.annotations.NullMarked;
