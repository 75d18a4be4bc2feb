# SPDX-License-Identifier: BSD-2-Clause
# ECN and Fast Open with the kernel's TCP as the client: what the ends agree on is read from the trace.
. "$(dirname "$0")/lib.sh"
needs curl curl

mkdir "$dir/www"
printf 'a page\n' >"$dir/www/page.txt"
err=$dir/server.err

gets() {
	fetch "$@" -o "$dir/got" && cmp "$dir/www/page.txt" "$dir/got"
}

# asks_for_ecn MODE HOST SYN SYN-ACK: fetches with the kernel's tcp_ecn; the latest handshake had those flags.
asks_for_ecn() {
	in_ns sysctl -qw "net.ipv4.tcp_ecn=$1" && gets "http://$2/page.txt" &&
		same SYN "$3" "$(awk '$2 == "in" && $6 ~ /^SYN/ { f = $6 } END { print f }' "$err")" &&
		same SYN-ACK "$4" "$(awk '$2 == "out" && $6 ~ /^SYN.*-ACK$/ { f = $6 } END { print f }' "$err")"
}

# The kernel knows a cookie after the first time, and the second SYN carries the request.
second_request_comes_with_the_syn() {
	gets --tcp-fastopen "http://$1/page.txt" && gets --tcp-fastopen "http://$1/page.txt" || return
	grep ' in .* SYN' "$err" | tail -n 2 >"$dir/syns"
	grep ' out .* SYN-[A-Z-]*ACK\| out .* SYN-ACK' "$err" | tail -n 2 >"$dir/answers"
	sed -n 1p "$dir/syns" | grep -q ' len 0 .*fast-open request' &&
		sed -n 1p "$dir/answers" | grep -q 'fast-open (8 octets)' &&
		sed -n 2p "$dir/syns" | grep -q ' len [1-9].*fast-open (8 octets)' || { cat "$dir/syns" "$dir/answers"; return 1; }
	_seq=$(sed -n '2s/.* seq \([0-9]*\) .*/\1/p' "$dir/syns")
	_len=$(sed -n '2s/.* len \([0-9]*\) .*/\1/p' "$dir/syns")
	_ack=$(sed -n '2s/.* ack \([0-9]*\) .*/\1/p' "$dir/answers")
	same "what the SYN-ACK acknowledges" $(((_seq + 1 + _len) % 4294967296)) "$_ack"
}

serve server --ecn accurate-accept --fast-open --trace "$dir/www" >"$dir/ready"
ok $? "serves with ECN and Fast Open" "$dir/ready"
server=$pid
for host in $V4 "[$V6]"; do
	it "$host: no ECN where the kernel does not ask" asks_for_ecn 0 "$host" SYN SYN-ACK
	it "$host: ECN where the kernel asks" asks_for_ecn 1 "$host" SYN-ECE-CWR SYN-ECE-ACK
	if in_ns sysctl -qw net.ipv4.tcp_ecn=3 2>/dev/null; then
		it "$host: Accurate ECN where the kernel asks" asks_for_ecn 3 "$host" SYN-ECE-CWR-AE SYN-CWR-ACK
	else
		skip "$host: Accurate ECN where the kernel asks" "this kernel has no Accurate ECN"
	fi
	if in_ns sysctl -qw net.ipv4.tcp_fastopen=1 2>/dev/null; then
		it "$host: the second request comes with the SYN" second_request_comes_with_the_syn "$host"
	else
		skip "$host: the second request comes with the SYN" "this kernel has no Fast Open"
	fi
done
stop "$server" INT
ok $? "ends" "$err"
finish
