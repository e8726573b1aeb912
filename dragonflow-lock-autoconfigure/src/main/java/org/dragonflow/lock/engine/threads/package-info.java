/**
 * The threads of an engine, and what keeps foreign code from harming it.
 */
@NullMarked
package org.dragonflow.lock.engine.threads;

import org.jspecify.annotations.NullMarked;
