/**
 * Tests of the aspect.
 */
@NullMarked
package org.dragonflow.lock.aop;

import org.jspecify.annotations.NullMarked;
