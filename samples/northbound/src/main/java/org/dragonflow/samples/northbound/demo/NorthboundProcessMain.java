package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

import org.dragonflow.samples.northbound.NorthboundApplication;

import org.springframework.boot.SpringApplication;

/**
 * Starts the service in a process of its own, for the demonstration. It ends when its
 * parent does, however that ends: standard input is a pipe from the parent.
 */
final class NorthboundProcessMain {

	private NorthboundProcessMain() {
	}

	/**
	 * Starts the service.
	 * @param args the file to write the port to, then properties
	 * @throws IOException if the port cannot be written
	 */
	public static void main(String[] args) throws IOException {
		run(args, NorthboundApplication.class);
	}

	static void run(String[] args, Class<?>... sources) throws IOException {
		Thread watch = new Thread(NorthboundProcessMain::exitWithParent, "parent-watch");
		watch.setDaemon(true);
		watch.start();
		SpringApplication application = new SpringApplication(sources);
		// What was generated ahead of time, if that is to be used, has its name.
		application.setMainApplicationClass(NorthboundApplication.class);
		var context = application.run(Arrays.copyOfRange(args, 1, args.length));
		tellPort(Path.of(args[0]), context.getEnvironment().getRequiredProperty("local.server.port"));
	}

	private static void exitWithParent() {
		try {
			while (System.in.read() != -1) {
				// Nobody writes; only the end counts.
			}
		}
		catch (IOException ex) {
			// A broken pipe is an end as well.
		}
		System.exit(0);
	}

	private static void tellPort(Path file, String port) throws IOException {
		// Moved into place, so that the reader never sees an empty file.
		Path temporary = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), port);
		Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
	}

}
