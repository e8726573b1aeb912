/**
 * Real database servers for tests, started from the binaries of the machine.
 */
@NullMarked
package org.dragonflow.lock.test.servers;

import org.jspecify.annotations.NullMarked;
