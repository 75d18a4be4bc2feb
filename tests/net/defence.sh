# SPDX-License-Identifier: BSD-2-Clause
# `handfast serve` under its defences, with the kernel as the client: SYN cookies always, and closed ports in silence.
. "$(dirname "$0")/lib.sh"
needs curl curl

mkdir "$dir/www"
printf 'a page\n' >"$dir/www/page.txt"
err=$dir/server.err

gets_page() {
	fetch -o "$dir/got" "http://$1/page.txt" && cmp "$dir/www/page.txt" "$dir/got"
}

says_nothing() {
	in_ns curl -q -sS --noproxy '*' --connect-timeout 1 "http://$1:81/" 2>"$dir/said"
	same "exit status of curl" 28 $?
}

answers_no_ping() {
	! in_ns ping -q -n -c 1 -W 1 "$1"
}

counted() {
	ask_stats "$pid" "$err" && [ "$(stat_of "$err" "$@")" -gt 0 ]
}

it "a word that is none is refused" same "exit status" 64 \
	"$("$HANDFAST" serve --syn-cookies=never "$dir/www" 2>/dev/null; echo $?)"
serve server --stealth --syn-cookies=always --stats "$dir/www" >"$dir/ready"
ok $? "serves" "$dir/ready"
for host in $V4 "[$V6]"; do
	it "$host: a handshake by a cookie, and a page" gets_page "$host"
	it "$host: a closed port says nothing" says_nothing "$host"
	if command -v ping >/dev/null; then
		it "$host: nor does the host to a ping" answers_no_ping "$(echo "$host" | tr -d '[]')"
	else
		skip "$host: nor does the host to a ping" "ping is missing; it is in the package iputils-ping"
	fi
done
it "cookies were given out" counted "reason syn-cookie"
it "and refusals counted" counted "reason no-listener"
stop "$pid" INT
ok $? "ends" "$err"
finish
