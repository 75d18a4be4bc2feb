# SPDX-License-Identifier: BSD-2-Clause
# Clients that are killed in the middle of a download leave nothing behind in `handfast serve`.
. "$(dirname "$0")/lib.sh"
needs curl curl

# As large as it takes, and not a block of the disk.
mkdir "$dir/www"
truncate -s 8G "$dir/www/endless"

# client NAME: a download that does not end by itself.
client() {
	start_in_ns "$1" curl -q -sS --noproxy '*' -o "$dir/$1.got" --limit-rate 100M "http://$2/endless"
	client=$pid
	within $PATIENCE test -s "$dir/$1.got"
}

holds() {
	ask_stats "$server" "$dir/server.err" || return
	for pair in "$@"; do
		same "${pair%=*}" "${pair#*=}" "$(stat_of "$dir/server.err" "${pair%=*}")" || return
	done
}

has_let_go() {
	holds connections=0 half-open=0 buffer-octets=0
}

is_talking() {
	client "$1" "$2" && holds connections=1 && [ "$(stat_of "$dir/server.err" buffer-octets)" -gt 0 ]
}

descriptors() {
	find "/proc/$server/fd" -mindepth 1 | wc -l
}

was_reset() {
	[ "$(stat_of "$dir/server.err" reason reset-by-peer)" -ge "$1" ]
}

it "handfast serve starts" serve server --stats "$dir/www"
server=$pid
fetch -o /dev/null "http://$V4/"
it "before the first client it holds nothing" within $PATIENCE has_let_go
before=$(descriptors)

it "a client over IPv4 is in the middle of a large download" is_talking killed $V4
kill -KILL $client
it "when it is killed nothing of it stays: no connection, no buffer" within $PATIENCE has_let_go
it "... and the end was a reset by the peer" was_reset 1

it "a client over IPv6 is in the middle of a large download" is_talking frozen "[$V6]"
kill -STOP $client
it "while it is frozen its connection stays" holds connections=1
kill -KILL $client
it "when it is killed nothing of it stays: no connection, no buffer" within $PATIENCE has_let_go
it "... and the end was a reset by the peer" was_reset 2

it "no descriptor is left open" same descriptors "$before" "$(descriptors)"
it "the next client is served" fetch -o /dev/null "http://$V4/"
stop "$server"
it "handfast serve ends in order" same "exit status" 0 "$code"
it "at its end it holds nothing" same "connections and buffers" "0 0" \
	"$(stat_of "$dir/server.err" connections) $(stat_of "$dir/server.err" buffer-octets)"
finish
