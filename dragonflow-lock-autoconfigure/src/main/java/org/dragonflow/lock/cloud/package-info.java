/**
 * What the locks take from Spring Cloud: names of instances, and settings that change.
 */
@NullMarked
package org.dragonflow.lock.cloud;

import org.jspecify.annotations.NullMarked;
