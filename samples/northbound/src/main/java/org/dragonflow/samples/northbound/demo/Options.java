package org.dragonflow.samples.northbound.demo;

/**
 * What the demonstration was asked for.
 *
 * @param choice how to lock in the second run
 * @param exit whether to end after it
 */
record Options(LockChoice choice, boolean exit) {

	static final String USAGE = """
			Usage: bin/demo [--driver NAME] [--exit]
			  --driver NAME  where to lock: jdbc (unless said otherwise), redis, etcd, zookeeper or local. The store is
			                 started, unless DRAGONFLOW_DEMO_REDIS, _ETCD or _ZOOKEEPER names one as host:port
			  --exit         end after the run; status 0 only if updates were lost without the lock and none with it""";

	static Options parse(String[] args) {
		LockChoice choice = LockChoice.of("jdbc");
		boolean exit = false;
		for (int i = 0; i < args.length; i++) {
			switch (args[i]) {
				case "--exit" -> exit = true;
				case "--driver" -> {
					i++;
					if (i == args.length) {
						throw new IllegalArgumentException("The option --driver needs the name of a driver");
					}
					choice = LockChoice.of(args[i]);
				}
				default -> throw new IllegalArgumentException("Unknown option '" + args[i] + "'");
			}
		}
		return new Options(choice, exit);
	}

}
