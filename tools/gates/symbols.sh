#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The shared library exports exactly the functions that the public headers declare.
set -eu
need() {
	command -v "$1" >/dev/null || { echo "SKIP symbols: $1 is missing"; exit 77; }
}
need gcc
root=$1
library=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for header in "$root"/include/handfast/*.h; do
	gcc -std=c11 -I"$root/include" -fsyntax-only -aux-info "$dir/prototypes" -x c "$header"
	awk '/^\/\* [^ ]*include\/handfast\/[^ ]*:N/ && / extern / && match($0, /[a-z_0-9]+ \(/) {
		print substr($0, RSTART, RLENGTH - 2) }' "$dir/prototypes"
done | sort -u >"$dir/declared"
nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$dir/exported"
[ -s "$dir/declared" ] || { echo "no function is declared in $root/include/handfast"; exit 1; }
comm -23 "$dir/declared" "$dir/exported" | sed 's/$/: declared, not exported (handfast.map lists it?)/'
comm -13 "$dir/declared" "$dir/exported" | sed 's/$/: exported, not declared in a public header/'
cmp -s "$dir/declared" "$dir/exported"
