/**
 * Wires the engine, the chosen driver and the aspect into a Spring Boot application.
 */
@NullMarked
package org.dragonflow.lock.autoconfigure;

import org.jspecify.annotations.NullMarked;
