/**
 * What the lock promises while its store breaks down, on real servers.
 */
@NullMarked
package org.dragonflow.lock.faults;

import org.jspecify.annotations.NullMarked;
