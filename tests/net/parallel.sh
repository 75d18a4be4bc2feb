# SPDX-License-Identifier: BSD-2-Clause
# Many clients of `handfast serve` at once, each with a file of its own, and many requests one after the other.
. "$(dirname "$0")/lib.sh"
needs curl curl openssl openssl

CLIENTS=200
REQUESTS=2000

mkdir "$dir/www" "$dir/got"
octets 5 $((CLIENTS * 65536)) >"$dir/all"
split -a 3 -d -b 65536 "$dir/all" "$dir/www/"
printf small >"$dir/www/small"

# Each client is a process of its own with a connection of its own.
all_at_once() {
	clients=
	for file in "$dir/www"/???; do
		n=$(basename "$file")
		host=$V4
		[ $((${n#"${n%?}"} % 2)) = 0 ] || host="[$V6]"
		fetch -o "$dir/got/$n" "http://$host/$n" 2>>"$dir/curl.err" &
		clients="$clients $!"
	done
	failed=0
	for client in $clients; do
		wait "$client" || failed=$((failed + 1))
	done
	same "clients that failed" 0 $failed || { sort "$dir/curl.err" | uniq -c; false; }
}

all_correct() {
	for file in "$dir/www"/???; do
		cmp "$file" "$dir/got/$(basename "$file")" || return
	done
	same files $CLIENTS "$(find "$dir/got" -type f | wc -l)"
}

# A new connection for each: curl would keep one, so the server's reply is followed by a close.
one_after_the_other() {
	began=$(now_ms)
	spent=$(cpu "$server")
	fetch -H 'Connection: close' -o "$dir/small#1" -w '%{http_code} %{num_connects} %{size_download}\n' \
		"http://$1/small?[1-$REQUESTS]" >"$dir/said"
	code=$?
	spent=$(($(cpu "$server") - spent))
	took=$(($(now_ms) - began))
	rm -f "$dir"/small*
	same "exit status" 0 $code && same "answers" "$REQUESTS 200 1 5" "$(sort "$dir/said" | uniq -c | sed 's/^ *//')"
}

counted() {
	ask_stats "$server" "$dir/server.err" && same "connections accepted" \
		$((CLIENTS + 2 * REQUESTS)) "$(stat_of "$dir/server.err" accepted)"
}

it "handfast serve starts" serve server --stats "$dir/www"
server=$pid
it "$CLIENTS clients at once are all answered" all_at_once
it "every one of them has its own file, right to the last octet" all_correct
for host in $V4 "[$V6]"; do
	it "$REQUESTS requests one after the other, each on a connection of its own to $host, are answered" \
		one_after_the_other "$host"
	[ "$held" = 0 ] && note "$REQUESTS connections in $took ms; handfast used $((spent * 10)) ms of CPU"
done
it "every connection was counted" counted
stop "$server"
it "handfast serve ends in order" same "exit status" 0 "$code"
finish
