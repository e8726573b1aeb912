/**
 * Spring Integration's lock contract on top of the engine.
 */
@NullMarked
package org.dragonflow.lock.integration;

import org.jspecify.annotations.NullMarked;
