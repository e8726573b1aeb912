/**
 * How holds are taken, owned, shown and ended.
 */
@NullMarked
package org.dragonflow.lock.engine.hold;

import org.jspecify.annotations.NullMarked;
