/**
 * What is read before the lock, as the page shows it.
 */
@NullMarked
package org.dragonflow.lock.docs.reading;

import org.jspecify.annotations.NullMarked;
