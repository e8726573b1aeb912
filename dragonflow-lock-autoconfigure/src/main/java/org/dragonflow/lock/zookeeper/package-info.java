/**
 * The driver for ZooKeeper.
 */
@NullMarked
package org.dragonflow.lock.zookeeper;

import org.jspecify.annotations.NullMarked;
