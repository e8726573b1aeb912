/**
 * The code that the pages show: parts of one small application, and its tests.
 */
@NullMarked
package org.dragonflow.lock.docs.example;

import org.jspecify.annotations.NullMarked;
