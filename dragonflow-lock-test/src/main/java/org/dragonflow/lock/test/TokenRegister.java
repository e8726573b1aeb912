package org.dragonflow.lock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the locks of the random test guard: for each id the highest token that has written
 * there, in memory that the JVMs share. A lower token is refused, as a fenced resource
 * does. Without any lock of its own, so that a JVM which is paused in the middle of a
 * write holds nobody up.
 */
final class TokenRegister {

	private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

	private final ByteBuffer memory;

	private TokenRegister(ByteBuffer memory) {
		this.memory = memory;
	}

	static TokenRegister open(Path file, int size) {
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
				StandardOpenOption.WRITE)) {
			return new TokenRegister(channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) size * Long.BYTES));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Writes, unless a higher token has been there.
	 * @return whether it was accepted
	 */
	boolean write(int index, long token) {
		long highest;
		do {
			highest = highest(index);
			if (highest > token) {
				return false;
			}
		}
		while (!LONGS.compareAndSet(this.memory, index * Long.BYTES, highest, token));
		return true;
	}

	long highest(int index) {
		return (long) LONGS.getVolatile(this.memory, index * Long.BYTES);
	}

}
