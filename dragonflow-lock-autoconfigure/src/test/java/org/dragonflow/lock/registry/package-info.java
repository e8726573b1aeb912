@NullMarked
package org.dragonflow.lock.registry;

import org.jspecify.annotations.NullMarked;
