package org.dragonflow.samples.northbound.demo;

import java.io.IOException;

/**
 * The demonstration behind {@code bin/demo}.
 */
final class DemoMain {

	private DemoMain() {
	}

	/**
	 * Runs the demonstration.
	 * @param args {@code [--driver NAME] [--exit]}
	 * @throws Exception if it fails
	 */
	public static void main(String[] args) throws Exception {
		Options options;
		try {
			options = Options.parse(args);
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage());
			System.err.println(Options.USAGE);
			System.exit(2);
			return;
		}
		try {
			System.exit(new Demo(options, System.out).run() ? 0 : 1);
		}
		catch (IOException ex) {
			System.err.println(ex.getMessage());
			System.exit(1);
		}
	}

}
