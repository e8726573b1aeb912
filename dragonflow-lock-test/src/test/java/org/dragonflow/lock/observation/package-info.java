/**
 * What is told of locks on a real store.
 */
@NullMarked
package org.dragonflow.lock.observation;

import org.jspecify.annotations.NullMarked;
