/**
 * The code on the pages of the drivers.
 */
@NullMarked
package org.dragonflow.lock.docs.drivers;

import org.jspecify.annotations.NullMarked;
