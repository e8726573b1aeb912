/**
 * Locks in Redis: one server, a sentinel's master, a cluster, or several independent
 * masters.
 */
@NullMarked
package org.dragonflow.lock.redis;

import org.jspecify.annotations.NullMarked;
