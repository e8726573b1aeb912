package org.dragonflow.samples.northbound.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.context.aot.AbstractAotProcessor.Settings;

/**
 * An application that was processed ahead of time, by what the Maven goal
 * {@code process-aot} calls.
 *
 * @param classes what was generated, compiled
 * @param resources the hints for a native image
 */
record AheadOfTime(Path classes, Path resources) {

	/**
	 * Processes an application, and compiles what comes out.
	 * @param application its main class
	 * @param directory where all of it goes
	 * @param arguments as for {@code process-aot}
	 * @return what is to be put in front of the class path
	 * @throws IOException if it cannot be written
	 */
	static AheadOfTime process(Class<?> application, Path directory, String... arguments) throws IOException {
		Path sources = directory.resolve("sources");
		AheadOfTime processed = new AheadOfTime(directory.resolve("classes"), directory.resolve("resources"));
		Settings settings = Settings.builder()
			.sourceOutput(sources)
			.resourceOutput(processed.resources)
			.classOutput(processed.classes)
			.groupId("org.dragonflow")
			.artifactId("northbound")
			.build();
		new SpringApplicationAotProcessor(application, settings, arguments).process();
		compile(sources, processed.classes);
		return processed;
	}

	private static void compile(Path sources, Path classes) throws IOException {
		List<String> command = new ArrayList<>(List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp",
				classes + File.pathSeparator + System.getProperty("java.class.path")));
		try (Stream<Path> files = Files.walk(sources)) {
			files.map(Path::toString).filter((file) -> file.endsWith(".java")).forEach(command::add);
		}
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		if (compiler.run(null, null, null, command.toArray(String[]::new)) != 0) {
			throw new IOException("What was generated does not compile");
		}
	}

	/**
	 * Starts the service from what was generated, without waiting until it is ready.
	 * @param name of the process, for its log
	 * @param directory where the log goes
	 * @param main the main class
	 * @param properties as on the command line of a Spring Boot application
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	NorthboundProcess start(String name, Path directory, Class<?> main, List<String> properties) throws IOException {
		// The last class path is the one that counts.
		String classPath = this.classes + File.pathSeparator + System.getProperty("java.class.path");
		return NorthboundProcess.start(name, directory,
				List.of("-cp", classPath, "-Dspring.aot.enabled=true", main.getName()), properties);
	}

}
