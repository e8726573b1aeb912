#!/usr/bin/env bash
# MariaDB with Galera: INSERT ... RETURNING may return rows of a try that the cluster has undone.
#
# An INSERT ... ON DUPLICATE KEY UPDATE ... RETURNING in autocommit that loses against the same row of another server is
# broken off when it is committed. By default (wsrep_retry_autocommit=1) the server then runs it once more, unseen. The rows
# of the first try have been sent by then, and stay in the result: the client reads "the row is yours", and behind it the
# row as it really is. Whoever takes the first row for the answer believes in an insert that never was. With
# wsrep_retry_autocommit=0 there is an error (1213) in its place.
#
# Needs Debian 12 on amd64 with apt and dpkg, the packages libaio1, liburing2, libncurses6 and rsync, and free ports.
# Installs into a temporary folder. Ends with 0 if it still is as described.
set -euo pipefail

readonly mariadb=1:10.11.18-0+deb12u1 galera=26.4.23-0+deb12u1 rows=2000
work=$(mktemp -d)
servers=()
end() {
	for server in "${servers[@]}"; do kill -9 "$server" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT

cd "$work"
apt-get -q download "mariadb-server=$mariadb" "mariadb-server-core=$mariadb" "mariadb-client-core=$mariadb" "galera-4=$galera" >apt.log 2>&1 ||
	{ cat apt.log >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
readonly programs=$work/root/usr
user=$(id -un)
if [[ $user == root ]]; then
	# What copies the data to the second server gives root's rights up.
	user=nobody
	chmod 755 "$work"
	mkdir a b
	chown nobody a b
fi
readonly user
export PATH=$programs/bin:$PATH

free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# serve NAME GROUP_PORT CLUSTER [OPTION...]
serve() {
	local name=$1 group=$2 cluster=$3
	shift 3
	"$programs/sbin/mariadbd" --no-defaults --user="$user" --basedir="$programs" --datadir="$work/$name" \
		--socket="$work/$name/sock" --pid-file="$work/$name/pid" --bind-address=127.0.0.1 --port="$(free_port)" \
		--innodb-buffer-pool-size=32M --innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=2 --binlog-format=ROW \
		--innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-provider="$programs/lib/libgalera_smm.so" \
		--wsrep-cluster-address="$cluster" --wsrep-node-address="127.0.0.1:$group" --wsrep-sst-method=rsync \
		--wsrep-sst-receive-address="127.0.0.1:$(free_port)" \
		--wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$group;ist.recv_addr=127.0.0.1:$(free_port);gcache.size=16M" \
		"$@" >"$name.log" 2>&1 &
	servers+=($!)
}

sql() {
	local name=$1
	shift
	"$programs/bin/mariadb" --no-defaults -S "$work/$name/sock" -u root -N "$@"
}

await() {
	for _ in $(seq 120); do
		[[ $(sql "$1" -e "SHOW STATUS LIKE 'wsrep_local_state_comment'" 2>/dev/null) == *Synced* ]] && return
		sleep 0.5
	done
	tail -5 "$1.log" >&2
	exit 2
}

for name in a b; do
	"$programs/bin/mariadb-install-db" --no-defaults --user="$user" --basedir="$programs" --datadir="$work/$name" \
		--auth-root-authentication-method=normal --skip-test-db >install.log 2>&1 || { tail -5 install.log >&2; exit 2; }
done
readonly first=$(free_port)
serve a "$first" gcomm:// --wsrep-new-cluster
await a
serve b "$(free_port)" "gcomm://127.0.0.1:$first"
await b
sql a -e "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, owner CHAR(1) NOT NULL) ENGINE = InnoDB"

for name in a b; do
	for ((id = 1; id <= rows; id++)); do
		echo "INSERT INTO d.t VALUES ($id, '$name') ON DUPLICATE KEY UPDATE owner = owner RETURNING id, owner;"
	done >"$name.sql"
done

# both RETRIES: for how many rows both clients were told, in the first row of an answer, that the row is theirs
both() {
	sql a -e "DELETE FROM d.t"
	for name in a b; do sql "$name" -e "SET GLOBAL wsrep_retry_autocommit = $1"; done
	sleep 1
	local clients=()
	for name in a b; do
		sql "$name" --force <"$name.sql" >"$name.out" 2>"$name.err" &
		clients+=($!)
	done
	for client in "${clients[@]}"; do wait "$client" || true; done
	join <(awk '!seen[$1]++ && $2 == "a" {print $1}' a.out | sort) <(awk '!seen[$1]++ && $2 == "b" {print $1}' b.out | sort) | wc -l
}

echo "MariaDB $(sql a -e 'SELECT @@version'), Galera $(sql a -e "SHOW STATUS LIKE 'wsrep_provider_version'" | cut -f2)"
readonly retried=$(both 1)
doubled=$(cat a.out b.out | wc -l)
echo "wsrep_retry_autocommit=1: $((2 * rows)) statements returned $doubled rows; $retried of $rows rows were told to both clients as theirs"
readonly unretried=$(both 0)
echo "wsrep_retry_autocommit=0: $unretried of $rows; $(cat a.err b.err | grep -c 'ERROR 1213') statements failed with error 1213"
if ((retried == 0 || doubled <= 2 * rows || unretried != 0)); then
	echo "This has changed." >&2
	exit 1
fi
