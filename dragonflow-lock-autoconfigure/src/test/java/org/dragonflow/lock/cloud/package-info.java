/**
 * Tests of what the locks take from Spring Cloud.
 */
@NullMarked
package org.dragonflow.lock.cloud;

import org.jspecify.annotations.NullMarked;
