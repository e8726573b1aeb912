/**
 * What a store has given to this instance, and how it is asked, kept and given back.
 */
@NullMarked
package org.dragonflow.lock.engine.grant;

import org.jspecify.annotations.NullMarked;
