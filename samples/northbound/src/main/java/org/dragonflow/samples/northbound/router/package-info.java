/**
 * Routers, of which a project may have a limited number.
 */
@NullMarked
package org.dragonflow.samples.northbound.router;

import org.jspecify.annotations.NullMarked;
