/**
 * A small Northbound service: the networks of a cloud, kept in a database that several
 * instances of the service share.
 */
@NullMarked
package org.dragonflow.samples.northbound;

import org.jspecify.annotations.NullMarked;
