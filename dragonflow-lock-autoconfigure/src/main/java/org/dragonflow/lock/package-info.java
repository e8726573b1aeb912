/**
 * What an application uses: the lock, its handle, the annotation, and the exceptions.
 */
@NullMarked
package org.dragonflow.lock;

import org.jspecify.annotations.NullMarked;
