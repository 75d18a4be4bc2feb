# SPDX-License-Identifier: BSD-2-Clause
# The kernel's curl and ping against `handfast serve`: a page over IPv4 and IPv6, with and without offloads.
. "$(dirname "$0")/lib.sh"
needs curl curl

mkdir "$dir/www"
printf 'Hello from a TCP in user space.\n' >"$dir/www/page.txt"
printf '<!doctype html><title>index</title>\n' >"$dir/www/index.html"

gets_page() {
	fetch -o "$dir/got" "http://$1/page.txt" && cmp "$dir/www/page.txt" "$dir/got"
}

gets_index() {
	fetch -o "$dir/got" "http://$1/" && cmp "$dir/www/index.html" "$dir/got"
}

head_has_length_and_no_body() {
	fetch -I -o "$dir/head" -w '%{http_code} %{size_download}' "http://$1/page.txt" >"$dir/said" &&
		same "status and octets" "200 0" "$(cat "$dir/said")" &&
		grep -qi '^content-length: 32' "$dir/head" || { cat "$dir/head"; false; }
}

gets_range() {
	fetch -r 6-9 -w '%{stderr}%{http_code}' "http://$1/page.txt" >"$dir/got" 2>"$dir/said" &&
		same status 206 "$(cat "$dir/said")" && same octets from "$(cat "$dir/got")"
}

misses() {
	same status 404 "$(fetch -o "$dir/got" -w '%{http_code}' "http://$1/no-such-page")"
}

keeps_alive() {
	fetch -o "$dir/1" -o "$dir/2" -w '%{num_connects}' "http://$1/page.txt" "http://$1/page.txt" >"$dir/said" &&
		same connections 10 "$(cat "$dir/said")" && cmp "$dir/1" "$dir/2" && cmp "$dir/1" "$dir/www/page.txt"
}

is_refused() {
	began=$(now_ms)
	fetch "http://$1:81/"
	same "exit status of curl" 7 $? && [ $(($(now_ms) - began)) -lt 5000 ]
}

answers_pings() {
	in_ns ping -q -n -c 3 -i 0.01 -W 5 -s "$2" "$1"
}

for mode in offload no-offload; do
	option=
	[ $mode = offload ] || option=--no-offload
	# shellcheck disable=SC2086 # no word at all if it is empty
	it "handfast serve starts ($mode)" serve server $option "$dir/www"
	for host in $V4 "[$V6]"; do
		with="$host, $mode"
		it "curl gets a page from $with" gets_page "$host"
		it "a directory is answered with its index by $with" gets_index "$host"
		it "HEAD is answered with the length and no octets by $with" head_has_length_and_no_body "$host"
		it "a range is answered with just that part by $with" gets_range "$host"
		it "a missing page is answered with 404 by $with" misses "$host"
		it "two requests travel on one connection to $with" keeps_alive "$host"
		it "a closed port is refused at once by $with" is_refused "$host"
		if command -v ping >/dev/null; then
			bare=$(echo "$host" | tr -d '[]')
			it "pings are answered by $with" answers_pings "$bare" 56
			it "pings as large as a packet are answered by $with" answers_pings "$bare" 1400
		else
			skip "pings are answered by $with" "ping is missing; it is in the package iputils-ping"
		fi
	done
	stop "$pid"
	it "handfast serve ends in order when it is told to ($mode)" same "exit status" 0 "$code"
	it "its device is gone ($mode)" has_no_tun
done
finish
