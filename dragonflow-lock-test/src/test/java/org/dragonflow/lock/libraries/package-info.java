/**
 * Applications whose class path lacks what is optional.
 */
@NullMarked
package org.dragonflow.lock.libraries;

import org.jspecify.annotations.NullMarked;
