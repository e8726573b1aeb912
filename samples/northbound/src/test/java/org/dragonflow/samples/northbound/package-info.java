/**
 * Tests of the service over HTTP, on a real database.
 */
@NullMarked
package org.dragonflow.samples.northbound;

import org.jspecify.annotations.NullMarked;
