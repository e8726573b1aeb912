package org.dragonflow.lock.test.servers;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A database on a server, and who may use it.
 *
 * @param jdbcUrl where it is
 * @param username a user with all rights in it
 * @param password that user's password
 */
public record Database(String jdbcUrl, String username, String password) {

	private static final Pattern URL = Pattern
		.compile("(?<scheme>jdbc:[a-z0-9:]+//)(?<address>[^/]+)/(?<name>[^?;]*)(?<options>.*)");

	/**
	 * A source of connections, without a pool.
	 * @return a data source that opens a new connection each time
	 */
	public DataSource dataSource() {
		return new DriverManagerDataSource(this.jdbcUrl, this.username, this.password);
	}

	/**
	 * Another database on the same server.
	 * @param name the database's name
	 * @return the database, with the same user
	 */
	Database named(String name) {
		return with("${scheme}${address}/" + Matcher.quoteReplacement(name) + "${options}");
	}

	/**
	 * The same database by way of another address, such as that of a proxy.
	 * @param port a port on this host
	 * @return the database, with the same user
	 */
	public Database through(int port) {
		return with("${scheme}127.0.0.1:" + port + "/${name}${options}");
	}

	/**
	 * The same database, which another server has too, on the one of them that can be
	 * written to. Only PostgreSQL's client looks for that.
	 * @param port another server's on this host
	 * @return the database, with the same user
	 */
	public Database orThrough(int port) {
		return with("${scheme}${address},127.0.0.1:" + port + "/${name}?targetServerType=primary");
	}

	int port() {
		String address = match().group("address");
		return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
	}

	private Database with(String replacement) {
		return new Database(match().replaceFirst(replacement), this.username, this.password);
	}

	private Matcher match() {
		Matcher matcher = URL.matcher(this.jdbcUrl);
		if (!matcher.matches()) {
			throw new IllegalArgumentException(
					"The URL of the test database must look like jdbc:KIND://HOST:PORT/NAME, but is " + this.jdbcUrl);
		}
		return matcher;
	}

}
