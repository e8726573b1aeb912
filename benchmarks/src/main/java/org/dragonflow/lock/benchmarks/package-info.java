/**
 * What the lock costs, beside what others cost.
 */
@NullMarked
package org.dragonflow.lock.benchmarks;

import org.jspecify.annotations.NullMarked;
