/**
 * The redis driver on real servers.
 */
@NullMarked
package org.dragonflow.lock.redis;

import org.jspecify.annotations.NullMarked;
