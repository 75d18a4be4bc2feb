#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Has spin look through the model of the handshake, or shows that faults planted into it are found.
#
# usage: tools/model.sh [--mutants] [ROLE]...
#
# tests/model/runs.txt says what is asked, of which end 1: its ROLE in the model. A search is exhaustive, or it has failed: neither its depth nor
# its memory may have come to an end. docs/proofs.md says what is shown.
set -u
cd "$(dirname "$0")/.."
list=tests/model/runs.txt
wanted=holds
count=0
bad=0

if [ "${1:-}" = --mutants ]; then
	wanted=fails
	shift
fi
for tool in spin gcc; do
	if ! command -v $tool >/dev/null; then
		echo "SKIP model: $tool is missing"
		exit 77
	fi
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cp tests/model/*.pml tests/model/transitions.h "$dir"

# field N LINE: a column of the list.
field() {
	echo "$2" | awk -F' [|] ' -v n="$1" '{ print $n }'
}

# search KIND SWITCH...: makes the verifier and runs it; its words go to $dir/log.
search() {
	kind=$1
	shift
	case $kind in
	safe) set -- -DSAFE "$@" && compile=-DSAFETY && run= ;;
	live) set -- -DLIVE "$@" && compile="-DSAFETY -DNOCLAIM" && run= ;;
	dies_down) set -- -DLIVE "$@" && compile= && run="-a -A -E -N $kind" ;;
	*) set -- -DLIVE "$@" && compile=-DNFAIR=3 && run="-a -f -A -E -N $kind" ;;
	esac
	# shellcheck disable=SC2086 # what is compiled and run with are words
	(
		cd "$dir" || exit
		rm -f pan pan.?
		spin -a "$@" handshake.pml &&
			gcc -O2 -w -DNOREDUCE -DMEMLIM=3800 $compile -o pan pan.c &&
			./pan -m100000 $run
	) >"$dir/log" 2>&1
}

# is_exhaustive: was everything looked through?
is_exhaustive() {
	! grep -qE 'max search depth too small|Search not completed|out of memory|aborted|truncated' "$dir/log"
}

# judge LINE: did spin find what it must?
judge() {
	if [ $wanted = holds ]; then
		grep -q 'errors: 0$' "$dir/log" && is_exhaustive
	else
		grep -qE '^pan:[0-9]+: (assertion violated|acceptance cycle|invalid end state)' "$dir/log"
	fi
}

# measures: states, memory and time, as spin gives them.
measures() {
	awk '
/ states, stored/ { states = $1 }
/total actual memory usage/ { memory = $1 }
/elapsed time/ { time = $4 }
END { printf "# %s states, %s MB, %s s\n", states, memory, time }' "$dir/log"
}

grep "^$wanted |" $list >"$dir/runs"
while read -r line; do
	name=$(field 4 "$line")
	case " $* " in
	"  " | *" ${name%%[:,]*} "*) ;;
	*) continue ;;
	esac
	count=$((count + 1))
	# shellcheck disable=SC2046 # the switches are words
	search "$(field 2 "$line")" $(field 3 "$line")
	if judge; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		tail -n 40 "$dir/log" | sed 's/^/# /'
		bad=1
	fi
	measures
done <"$dir/runs"
echo "1..$count"
exit $bad
