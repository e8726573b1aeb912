package org.dragonflow.samples.northbound.network;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.dragonflow.lock.NbLocked;

import org.springframework.core.annotation.AliasFor;

/**
 * Holds the lock on a network while the method runs. The method must have a parameter
 * {@code networkId}.
 * <p>
 * Subnets and ports are locked by their network, not by their own id: creating or
 * deleting one reads the network's allocations, changes them, and writes them back. Two
 * ports of one network, each under a lock of its own, would do so at the same time and
 * take the same address. And because a create and a delete of a port lock the network,
 * its update must too: methods that change the same object must lock the same id, or they
 * do not exclude each other.
 */
@NbLocked("#networkId")
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@interface NetworkLocked {

	/**
	 * Whether to wait while another holds the lock.
	 * @return false to fail at once
	 */
	@AliasFor(annotation = NbLocked.class)
	boolean block() default true;

}
