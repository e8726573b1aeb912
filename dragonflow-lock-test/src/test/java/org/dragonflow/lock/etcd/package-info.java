/**
 * The etcd driver on real servers.
 */
@NullMarked
package org.dragonflow.lock.etcd;

import org.jspecify.annotations.NullMarked;
