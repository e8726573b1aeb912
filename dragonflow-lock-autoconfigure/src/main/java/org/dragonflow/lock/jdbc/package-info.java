/**
 * The driver for relational databases.
 */
@NullMarked
package org.dragonflow.lock.jdbc;

import org.jspecify.annotations.NullMarked;
