/**
 * Locks in etcd: the keys of a lock are a line, and the first one holds it.
 */
@NullMarked
package org.dragonflow.lock.etcd;

import org.jspecify.annotations.NullMarked;
