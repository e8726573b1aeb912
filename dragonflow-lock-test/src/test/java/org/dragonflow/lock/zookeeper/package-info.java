/**
 * The ZooKeeper driver on real servers.
 */
@NullMarked
package org.dragonflow.lock.zookeeper;

import org.jspecify.annotations.NullMarked;
