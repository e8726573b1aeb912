/**
 * What the author of a driver implements and imports.
 */
@NullMarked
package org.dragonflow.lock.spi;

import org.jspecify.annotations.NullMarked;
