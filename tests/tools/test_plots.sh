#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The drawings of congestion control come out well-formed, whole, and the same each time.
set -u
root=$1
trace=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
bad=0

# says NAME COMMAND...
says() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$dir/out"
		bad=1
	fi
}
# lines FILE PATTERN: how many there are.
lines() { grep -c "$2" "$1"; }

mkdir "$dir/a" "$dir/b"
says "a drawing a module is made" "$root/tools/plots.py" "$trace" "$dir/a"
says "and the same again" "$root/tools/plots.py" "$trace" "$dir/b"
says "to the octet" diff -r "$dir/a" "$dir/b"
for module in reno cubic bbr; do
	file=$dir/a/congestion-$module.svg
	says "$module: well-formed" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$file"
	# Three paths, three figures, two flows each.
	says "$module: every line is there" [ "$(lines "$file" '<polyline')" = 18 ]
	says "$module: nothing is no number" sh -c '! grep -qi "nan\|inf[^o]" "$1"' sh "$file"
done
says "another module is an error" sh -c '! "$1" vegas' sh "$trace"

echo "1..$count"
exit $bad
