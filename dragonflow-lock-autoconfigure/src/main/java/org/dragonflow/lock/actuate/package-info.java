/**
 * The locks as Spring Boot's actuator shows them: an endpoint and a health indicator.
 */
@NullMarked
package org.dragonflow.lock.actuate;

import org.jspecify.annotations.NullMarked;
