/**
 * Security groups and their rules.
 */
@NullMarked
package org.dragonflow.samples.northbound.securitygroup;

import org.jspecify.annotations.NullMarked;
