/**
 * The aspect behind {@link org.dragonflow.lock.NbLocked}.
 */
@NullMarked
package org.dragonflow.lock.aop;

import org.jspecify.annotations.NullMarked;
