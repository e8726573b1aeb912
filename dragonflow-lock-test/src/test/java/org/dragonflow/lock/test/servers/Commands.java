package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What starting a server takes from the operating system.
 */
final class Commands {

	private Commands() {
	}

	/**
	 * A directory that has all of the programs: one of the search path, or of the usual
	 * places, the highest version first.
	 * @param product for the message
	 * @param places directories outside of the search path, with {@code *} for a version
	 * @param programs what to look for
	 * @return the directory
	 */
	static Path binaries(String product, List<String> places, String... programs) {
		Path directory = find(places, programs);
		if (directory == null) {
			throw new IllegalStateException(product + " is not installed on this machine: found no directory with "
					+ String.join(" and ", programs) + " in it. Run bin/setup, which installs what the tests need.");
		}
		return directory;
	}

	/**
	 * A file that the profile {@code more-servers} has brought.
	 * @param product for the message
	 * @param file where it should be, from the module's directory
	 * @return the file
	 */
	static Path ofProfile(String product, Path file) {
		if (!Files.isReadable(file)) {
			throw new IllegalStateException(product + " is not there: found no " + file.toAbsolutePath()
					+ ". Run Maven with -Pmore-servers, which brings it.");
		}
		return file;
	}

	/**
	 * The same as {@link #binaries}, or null if there is none.
	 */
	static @Nullable Path find(List<String> places, String... programs) {
		List<Path> directories = new ArrayList<>();
		for (String entry : System.getenv().getOrDefault("PATH", "").split(":")) {
			if (!entry.isEmpty()) {
				directories.add(Path.of(entry));
			}
		}
		for (String place : places) {
			directories.addAll(expand(place));
		}
		for (Path directory : directories) {
			if (Stream.of(programs).allMatch((program) -> Files.isExecutable(directory.resolve(program)))) {
				return directory;
			}
		}
		return null;
	}

	private static List<Path> expand(String place) {
		int star = place.indexOf('*');
		if (star < 0) {
			return List.of(Path.of(place));
		}
		int slash = place.lastIndexOf('/', star);
		Path parent = Path.of(place.substring(0, slash));
		String prefix = place.substring(slash + 1, star);
		String rest = place.substring(star + 1);
		if (!Files.isDirectory(parent)) {
			return List.of();
		}
		try (Stream<Path> children = Files.list(parent)) {
			return children.map((child) -> child.getFileName().toString())
				.filter((name) -> name.matches("\\Q" + prefix + "\\E[0-9]+"))
				.map((name) -> Integer.valueOf(name.substring(prefix.length())))
				.sorted(Comparator.reverseOrder())
				.map((version) -> Path.of(parent + "/" + prefix + version + rest))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Whether this is the superuser, as whom some servers refuse to run.
	 * @return whether the user's id is 0
	 */
	static boolean isSuperuser() {
		return run(List.of("id", "-u")).strip().equals("0");
	}

	/**
	 * A new directory for temporary files.
	 * @param owner who it belongs to, null for the present user
	 * @return the directory
	 */
	static Path newDirectory(@Nullable String owner) {
		try {
			Path directory = Files.createTempDirectory("dragonflow-");
			if (owner != null) {
				Files.setOwner(directory, principal(owner));
			}
			return directory;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot make a directory" + ((owner != null) ? " for user " + owner : ""),
					ex);
		}
	}

	static boolean userExists(String name) {
		try {
			principal(name);
			return true;
		}
		catch (UserPrincipalNotFoundException ex) {
			return false;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static UserPrincipal principal(String name) throws IOException {
		return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
	}

	/**
	 * A port that no server uses now, and that the system does not give away to clients,
	 * so that a server finds it free again after a restart.
	 * @return the port
	 */
	static int freePort() {
		for (int attempt = 0; attempt < 1000; attempt++) {
			int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
			try (ServerSocket socket = new ServerSocket()) {
				socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
				return port;
			}
			catch (IOException ex) {
				// In use; there are others.
				continue;
			}
		}
		throw new IllegalStateException("Found no free port between 15000 and 32000");
	}

	/**
	 * Runs a program to its end.
	 * @param command the program and its arguments
	 * @return what it has written
	 */
	static String run(List<String> command) {
		return run(command, true);
	}

	static void runQuietly(List<String> command) {
		run(command, false);
	}

	private static String run(List<String> command, boolean mustSucceed) {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			int exit = process.waitFor();
			if (mustSucceed && exit != 0) {
				throw new IllegalStateException(
						String.format(Locale.ROOT, "%s ended with %d: %s", command, exit, output));
			}
			return output;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot run " + command, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while running " + command, ex);
		}
	}

}
