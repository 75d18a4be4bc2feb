# SPDX-License-Identifier: BSD-2-Clause
# A flood of SYNs from random addresses into `handfast serve`, and clients who are served meanwhile. The attack "SYN flood".
#
# What the TUN's queue has no room for never reaches Handfast. The device counts it, and as large a share of the clients
# (and four standard deviations of that) may have to repeat their SYN: none where the queue lost nothing.
. "$(dirname "$0")/lib.sh"

RATE=20000 # SYNs a second: the queue is to keep up even where other tests run
TIME=2
CALLS=200
QUEUE=10000 # packets

mkdir "$dir/www"
printf 'a page\n' >"$dir/www/index.html"
err=$dir/server.err
said=$dir/said

# flood_with HOST: floods the server and calls it; $dir/said has the figures.
flood_with() {
	in_ns "$FLOOD_AND_CALL" hf0 "$1" 80 $RATE $TIME $CALLS >"$said" || { cat "$said"; false; }
}

value() {
	awk -v name="$1" '$1 == name { print $2 }' "$said"
}

at_least() {
	[ "$2" -ge "$3" ] || { echo "$1: $2, not at least $3"; cat "$said"; false; }
}

all_are_answered() {
	same "answered" $CALLS "$(value answered)"
}

at_their_first_syn() {
	_excused=$(awk -v syns="$(value syns)" -v lost="$(value lost-in-queue)" -v calls=$CALLS 'BEGIN {
		share = lost / syns
		printf "%d", calls * share + 4 * sqrt(calls * share * (1 - share))
	}')
	at_least "at the first SYN" $(($(value at-first) + _excused)) $((CALLS * 99 / 100))
}

is_a_flood() {
	at_least "SYNs" "$(value syns)" $((RATE * TIME * 3 / 4))
}

counted() {
	ask_stats "$pid" "$err" && at_least "$*" "$(stat_of "$err" "$@")" 1
}

bounded() {
	ask_stats "$pid" "$err" && [ "$(stat_of "$err" half-open)" -le 4096 ] &&
		[ "$(stat_of "$err" memory-octets)" -le $((before + 4 * 1048576)) ]
}

it "handfast serve starts" serve server --stats "$dir/www"
in_ns ip link set hf0 txqueuelen $QUEUE
ask_stats "$pid" "$err"
before=$(stat_of "$err" memory-octets)
it "a flood of $RATE SYNs a second, and $CALLS clients" flood_with $V4
it "it was a flood" is_a_flood
it "every client has its answer" all_are_answered
it "99 of 100 at their first SYN, but for what the queue lost" at_their_first_syn
note "$(value syns) SYNs; $(value lost-in-queue) lost in the queue; $(value at-first) of $CALLS clients at the first SYN," \
	"answered after $(value milliseconds) ms"
it "the table was full, and cookies went out" counted "reason syn-cookie"
it "memory has a bound" bounded
stop "$pid" INT
ok $? "ends" "$err"
finish
