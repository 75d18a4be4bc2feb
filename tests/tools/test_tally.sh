#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The count of tests is right: cases, programs, skips, crashes, broken plans.
set -u
tally=$1/tools/tally.py
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
bad=0

# says NAME STATUS LAST-LINE: what tally makes of $dir/log.
says() {
	count=$((count + 1))
	got=$(python3 "$tally" x="$dir/log${4:-}")
	status=$?
	if [ "$(echo "$got" | tail -n 1)" = "$3" ] && [ $status = "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "$got" | sed 's/^/# /'
		echo "# exit status $status"
		bad=1
	fi
}
# entry RESULT STATUS STDOUT: one more program in Meson's log.
entry() {
	printf '{"name": "handfast:unit / p", "result": "%s", "returncode": %s, "stdout": "%s"}\n' "$@" >>"$dir/log"
}

entry OK 0 '1..2\nok 1 - a\nok 2 - b\n'
says "every case counts" 0 "2 passed, 0 failed, 0 skipped"
entry OK 0 'just talk\n'
says "a program that does not speak TAP counts as one" 0 "3 passed, 0 failed, 0 skipped"
entry FAIL 1 '1..2\nok 1 - a\nnot ok 2 - b\n# why\n# not ok - group\n'
says "a failed case is a failure, and only one" 1 "4 passed, 1 failed, 0 skipped"
: >"$dir/log"
entry OK 0 '1..2\nok 1 - a\nSKIP b: no device\nnot ok 2 # SKIP b\n'
says "cmocka's skip is a skip" 0 "1 passed, 0 failed, 1 skipped"
entry OK 0 'ok 1 - net # SKIP needs root\n'
says "TAP's skip is a skip" 0 "1 passed, 0 failed, 2 skipped"
entry SKIP 77 'SKIP format: clang-format 14 is missing\n'
says "exit status 77 is a skip" 0 "1 passed, 0 failed, 3 skipped"
count=$((count + 1))
if python3 "$tally" x="$dir/log" | grep -q '^skipped  x: p: b (no device)$' &&
	python3 "$tally" x="$dir/log" | grep -q '^skipped  x: p: net (needs root)$'; then
	echo "ok $count - a skip is named, with its reason"
else
	echo "not ok $count - a skip is named, with its reason"
	bad=1
fi
: >"$dir/log"
entry FAIL -11 '1..2\nok 1 - a\n'
says "a program that dies is a failure" 1 "1 passed, 1 failed, 0 skipped"
: >"$dir/log"
entry TIMEOUT -15 'ok 1 - a\n'
says "a program that hangs is a failure" 1 "1 passed, 1 failed, 0 skipped"
: >"$dir/log"
entry OK 0 '1..3\nok 1 - a\n'
says "a case that is missing is a failure" 1 "1 passed, 1 failed, 0 skipped"
: >"$dir/log"
entry FAIL 23 '1..1\nok 1 - a\n'
says "an error after the last case is a failure" 1 "1 passed, 1 failed, 0 skipped"
: >"$dir/log"
says "nothing run is no success" 1 "0 passed, 0 failed, 0 skipped"
rm "$dir/log"
says "a missing log is a failure" 1 "0 passed, 1 failed, 0 skipped"
printf 'ok - build of gcc\nok - 32-bit # SKIP no compiler\nnot ok - build of clang\n' >"$dir/log.tap"
says "steps count too" 1 "1 passed, 1 failed, 1 skipped" .tap

echo "1..$count"
exit $bad
