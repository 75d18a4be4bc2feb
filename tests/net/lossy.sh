# SPDX-License-Identifier: BSD-2-Clause
# A firewall that drops packets at random, each way: 16 MiB to and from Handfast arrive all the same.
here=$(dirname "$0")
. "$here/lib.sh"
needs curl curl openssl openssl ss iproute2 nft nftables

SIZE=$((16 << 20))
PERCENT=2
mkdir "$dir/www"
octets 7 $SIZE >"$dir/www/file"
took=0
expected=$(sha "$dir/www/file")

# Chance is the kernel's, as on a real path: what it drops differs from run to run. Counters tell how much it was.
loses() {
	in_ns nft "
		add table inet loss
		add counter inet loss to-handfast
		add counter inet loss from-handfast
		add chain inet loss out { type filter hook output priority 0; }
		add chain inet loss in { type filter hook input priority 0; }
		add rule inet loss out meta l4proto tcp numgen random mod 100 < $PERCENT counter name to-handfast drop
		add rule inet loss in meta l4proto tcp numgen random mod 100 < $PERCENT counter name from-handfast drop"
}

dropped() {
	in_ns nft list counter inet loss "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# says_how_it_went WHAT FILE: what --stats wrote into the file, and how long it took.
says_how_it_went() {
	note "$1: $took ms; segments dropped so far: $(dropped to-handfast) to Handfast, $(dropped from-handfast) from it;" \
		"sent by Handfast: $(sed -n '/^cause /s///p' "$2" | paste -s -d ,)"
}

download() {
	serve server --stats --no-offload "$dir/www" || return
	server=$pid
	began=$(now_ms)
	got=$(fetch "http://$1/file" | sha)
	took=$(($(now_ms) - began))
	stop "$server"
	same digest "$expected" "$got" && same "exit status" 0 "$code" || { tail -n 40 "$dir/server.err"; false; }
}

upload() {
	start_in_ns listener python3 "$here/listener.py" 9000
	listener=$pid
	within $PATIENCE listening 9000 || return
	began=$(now_ms)
	start upload sh -c 'exec "$0" "$@" <"$FILE"' "$HANDFAST" connect --netns "$ns" --stats --no-offload --json="$dir/json" "$1" 9000
	ended "$pid"
	took=$(($(now_ms) - began))
	status=$code
	ended "$listener"
	same "exit status" 0 "$status" && same digest "$expected" "$(cat "$dir/upload.out")" ||
		{ cat "$dir/upload.err"; false; }
}
# tells_of_itself: the record of the connection has all octets, and that some were sent again.
tells_of_itself() {
	record=$(grep '"event":"connection"' "$dir/json") && same records 1 "$(echo "$record" | wc -l)" &&
		same octets "$SIZE" "$(echo "$record" | grep -o '"octets_acked":[0-9]*' | cut -d: -f2)" &&
		same reason '"reason":"closed-by-both"' "$(echo "$record" | grep -o '"reason":"[a-z-]*"')" &&
		test "$(echo "$record" | grep -o '"octets_retransmitted":[0-9]*' | cut -d: -f2)" -gt 0
}
FILE=$dir/www/file
export FILE

it "a firewall drops $PERCENT % of the segments each way" loses
for host in $V4 "[$V6]"; do
	it "$((SIZE >> 20)) MiB from Handfast at $host are right to the last octet" download "$host"
	says_how_it_went "from $host" "$dir/server.err"
done
for host in $KERNEL4 $KERNEL6; do
	it "$((SIZE >> 20)) MiB to a listener at $host are right to the last octet" upload "$host"
	says_how_it_went "to $host" "$dir/upload.err"
	it "the JSON record of the connection says so" tells_of_itself
done
it "segments were really lost" test "$(dropped to-handfast)" -gt 0 -a "$(dropped from-handfast)" -gt 100
it "no device is left" has_no_tun
finish
