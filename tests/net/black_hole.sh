# SPDX-License-Identifier: BSD-2-Clause
# A firewall that drops large packets without a word: the kernel's client gets all of it from Handfast all the same.
here=$(dirname "$0")
. "$here/lib.sh"
needs curl curl openssl openssl nft nftables

SIZE=$((2 << 20))
LARGEST=1300 # octets of a packet that gets through
mkdir "$dir/www"
octets 11 $SIZE >"$dir/www/file"
expected=$(sha "$dir/www/file")

swallows() {
	in_ns nft "
		add table inet hole
		add counter inet hole swallowed
		add chain inet hole in { type filter hook input priority 0; }
		add rule inet hole in meta l4proto tcp meta length > $LARGEST counter name swallowed drop"
}

swallowed() {
	in_ns nft list counter inet hole swallowed | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

download() {
	got=$(fetch "http://$1/file" | sha)
	same "SHA-256" "$expected" "$got"
}

# Packets got smaller, and probes have found how large they may be: within the threshold of 8 octets.
has_probed() {
	ask_stats "$server" "$dir/$1.err" || return
	[ "$(stat_of "$dir/$1.err" cause mtu-probe)" -gt 0 ]
}

if ! swallows 2>"$dir/nft.err"; then
	skip "a path that swallows large packets" "nft: $(head -n 1 "$dir/nft.err")"
	finish
fi
for mode in black-hole always; do
	serve $mode --stats --no-offload --mtu-probing $mode "$dir/www" >"$dir/ready"
	ok $? "serves, probing $mode" "$dir/ready"
	server=$pid
	for host in $V4 "[$V6]"; do
		began=$(now_ms)
		it "$mode, $host: everything arrives" download "$host"
		note "$mode, $host: $(($(now_ms) - began)) ms; packets swallowed so far: $(swallowed)"
	done
	it "$mode: probes were sent" has_probed $mode
	stop "$server" INT
	ok $? "ends" "$dir/$mode.err"
done
finish
