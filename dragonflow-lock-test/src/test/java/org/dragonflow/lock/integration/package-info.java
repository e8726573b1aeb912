/**
 * What Spring Integration does with the registry, in applications that share a store.
 */
@NullMarked
package org.dragonflow.lock.integration;

import org.jspecify.annotations.NullMarked;
