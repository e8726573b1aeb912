/**
 * Writes the parts of the documentation that follow from the library, and checks what
 * came of it. Not part of the library.
 */
@NullMarked
package org.dragonflow.lock.docs;

import org.jspecify.annotations.NullMarked;
