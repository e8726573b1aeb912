/**
 * Networks, and what lives in them: subnets and ports. All changes of one network, and of
 * anything in it, exclude each other, on all instances.
 */
@NullMarked
package org.dragonflow.samples.northbound.network;

import org.jspecify.annotations.NullMarked;
