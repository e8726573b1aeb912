/**
 * Tests of the demonstration, and of several processes of the service.
 */
@NullMarked
package org.dragonflow.samples.northbound.demo;

import org.jspecify.annotations.NullMarked;
