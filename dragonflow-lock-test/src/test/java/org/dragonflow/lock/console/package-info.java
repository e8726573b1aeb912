/**
 * Tests of the lock console as people get it: from a web server, in a browser.
 */
@NullMarked
package org.dragonflow.lock.console;

import org.jspecify.annotations.NullMarked;
