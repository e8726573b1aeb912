/**
 * Shows that the driver keeps the contract, and what is special about its store.
 */
@NullMarked
package com.example.directorylock;

import org.jspecify.annotations.NullMarked;
