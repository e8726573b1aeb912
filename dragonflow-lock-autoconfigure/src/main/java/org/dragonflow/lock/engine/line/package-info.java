/**
 * What threads of this JVM want, and the lines of those that want the same id.
 */
@NullMarked
package org.dragonflow.lock.engine.line;

import org.jspecify.annotations.NullMarked;
