package org.dragonflow.lock.engine;

/**
 * Makes the name by which all that use the store know an instance.
 */
@FunctionalInterface
public interface InstanceNaming {

	/**
	 * A new name, for one engine.
	 * @return a name that there has never been, as {@link EngineSettings} wants it;
	 * {@link EngineSettings#newInstanceName(String)} makes one
	 */
	String newName();

}
