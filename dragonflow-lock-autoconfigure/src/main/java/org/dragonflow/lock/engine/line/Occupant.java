package org.dragonflow.lock.engine.line;

/**
 * What is had at a place whose turn has come.
 */
public interface Occupant {

	/**
	 * Whether it is still had.
	 */
	boolean isHeld();

}
