package org.dragonflow.lock.spi;

/**
 * Who holds what. Identifies one hold for ever: an owner is never used twice.
 *
 * @param key what is held
 * @param owner by whom
 */
public record Hold(LockKey key, String owner) {
}
