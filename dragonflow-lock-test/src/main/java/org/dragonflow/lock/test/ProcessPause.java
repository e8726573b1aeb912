package org.dragonflow.lock.test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.awaitility.Awaitility;

/**
 * Pauses a process for real, as a long collection of garbage or a suspended machine does.
 * Needs a system that has the signals {@code STOP} and {@code CONT}.
 */
public final class ProcessPause {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private ProcessPause() {
	}

	/**
	 * Stops all of a process' threads, and returns when none runs any more.
	 * @param process what to pause; it does not even notice that its input has ended
	 * until it is resumed, so see to it that it is
	 * @throws IOException if the signal cannot be sent
	 * @throws InterruptedException if interrupted
	 */
	public static void pause(Process process) throws IOException, InterruptedException {
		signal(process, "STOP");
		// The signal reaches one thread, which stops the others. On a busy machine these
		// may go on for a while, and even answer. One that ends meanwhile cannot be read.
		Awaitility.await("All threads of the process stop")
			.atMost(PATIENCE)
			.ignoreExceptionsInstanceOf(IOException.class)
			.until(() -> isStopped(process));
	}

	/**
	 * Lets a paused process go on.
	 * @param process what to resume
	 * @throws IOException if the signal cannot be sent
	 * @throws InterruptedException if interrupted
	 */
	public static void resume(Process process) throws IOException, InterruptedException {
		signal(process, "CONT");
	}

	private static boolean isStopped(Process process) throws IOException {
		Path threads = Path.of("/proc", String.valueOf(process.pid()), "task");
		if (!Files.isDirectory(threads)) {
			// Not Linux: the system's own tool has to tell.
			Process ps = new ProcessBuilder("ps", "-o", "stat=", "-p", String.valueOf(process.pid())).start();
			return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().startsWith("T");
		}
		try (DirectoryStream<Path> each = Files.newDirectoryStream(threads)) {
			for (Path thread : each) {
				// The name of the thread, which may have blanks, is in parentheses.
				String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
				if (!stat.substring(stat.lastIndexOf(')')).startsWith(") T")) {
					return false;
				}
			}
			return true;
		}
	}

	private static void signal(Process process, String name) throws IOException, InterruptedException {
		String pid = String.valueOf(process.pid());
		int status = new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
		if (status != 0) {
			throw new AssertionError("kill -" + name + " " + pid + " failed with status " + status);
		}
	}

}
