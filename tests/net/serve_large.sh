# SPDX-License-Identifier: BSD-2-Clause
# A large file from `handfast serve` to the kernel's curl over IPv4 and IPv6, compared by SHA-256.
. "$(dirname "$0")/lib.sh"
needs curl curl openssl openssl

large_dir
mkdir "$shm/www"
octets 1 $LARGE >"$shm/www/large"
expected=$(sha "$shm/www/large")

# download HOST OPTION...: measures it as well.
download() {
	host=$1
	shift
	cpu_before=$(cpu "$server")
	began=$(now_ms)
	got=$(fetch "$@" "http://$host/large" | sha)
	took=$(($(now_ms) - began))
	spent=$(($(cpu "$server") - cpu_before))
	same digest "$expected" "$got"
}

for mode in offload no-offload; do
	option=
	[ $mode = offload ] || option=--no-offload
	# shellcheck disable=SC2086 # no word at all if it is empty
	it "handfast serve starts ($mode)" serve server $option "$shm/www"
	server=$pid
	for host in $V4 "[$V6]"; do
		it "$((LARGE >> 20)) MiB from $host are right to the last octet ($mode)" download "$host"
		figure "from $host, $mode" $LARGE $took $spent
	done
	stop "$server"
	it "handfast serve ends in order ($mode)" same "exit status" 0 "$code"
done
finish
