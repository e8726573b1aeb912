/**
 * Threads of this JVM that want the same id, one line for each.
 */
@NullMarked
package org.dragonflow.lock.engine.line;

import org.jspecify.annotations.NullMarked;
