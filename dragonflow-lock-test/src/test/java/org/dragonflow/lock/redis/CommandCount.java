package org.dragonflow.lock.redis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.dragonflow.lock.test.servers.RedisServer;

/**
 * What clients have sent to a server since this was created, by the server's own count.
 */
final class CommandCount {

	private static final Pattern SCRIPT = Pattern.compile("cmdstat_eval(?:sha)?:calls=(\\d+)");

	private final RedisServer server;

	private final long scriptsBefore;

	CommandCount(RedisServer server) {
		this.server = server;
		this.scriptsBefore = count();
	}

	/**
	 * Scripts: the only commands that the driver sends but for its one subscription. What
	 * the scripts do inside the server is counted by it too, under other names.
	 */
	long scripts() {
		return count() - this.scriptsBefore;
	}

	private long count() {
		Matcher matcher = SCRIPT.matcher(this.server.cli("INFO", "commandstats"));
		long sum = 0;
		while (matcher.find()) {
			sum += Long.parseLong(matcher.group(1));
		}
		return sum;
	}

}
