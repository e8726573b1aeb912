/**
 * A lock driver of one's own: locks in a directory that several processes share.
 */
@NullMarked
package com.example.directorylock;

import org.jspecify.annotations.NullMarked;
