/**
 * The driver for any lock registry of Spring Integration.
 */
@NullMarked
package org.dragonflow.lock.registry;

import org.jspecify.annotations.NullMarked;
