/**
 * What a caller wants, and who is told of it.
 */
@NullMarked
package org.dragonflow.lock.engine.request;

import org.jspecify.annotations.NullMarked;
