/**
 * What the engine tells, as observations and meters of Micrometer.
 */
@NullMarked
package org.dragonflow.lock.observation;

import org.jspecify.annotations.NullMarked;
