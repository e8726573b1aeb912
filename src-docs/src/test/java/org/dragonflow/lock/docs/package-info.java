/**
 * Tests of what writes and checks the pages.
 */
@NullMarked
package org.dragonflow.lock.docs;

import org.jspecify.annotations.NullMarked;
