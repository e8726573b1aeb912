/**
 * Code that reads before it locks, as an application's.
 */
@NullMarked
package org.dragonflow.lock.reading;

import org.jspecify.annotations.NullMarked;
