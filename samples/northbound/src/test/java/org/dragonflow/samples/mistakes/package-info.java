/**
 * Applications that must not start.
 */
@NullMarked
package org.dragonflow.samples.mistakes;

import org.jspecify.annotations.NullMarked;
