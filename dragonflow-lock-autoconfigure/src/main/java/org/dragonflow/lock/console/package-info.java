/**
 * The lock console: a page that shows what an instance holds and waits for.
 */
@NullMarked
package org.dragonflow.lock.console;

import org.jspecify.annotations.NullMarked;
