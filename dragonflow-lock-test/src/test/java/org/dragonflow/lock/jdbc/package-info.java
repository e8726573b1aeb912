/**
 * The jdbc driver on real databases.
 */
@NullMarked
package org.dragonflow.lock.jdbc;

import org.jspecify.annotations.NullMarked;
