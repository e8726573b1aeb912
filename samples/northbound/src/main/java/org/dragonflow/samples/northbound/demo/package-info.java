/**
 * Shows what the lock is worth: two processes of the service, one database, many callers.
 */
@NullMarked
package org.dragonflow.samples.northbound.demo;

import org.jspecify.annotations.NullMarked;
