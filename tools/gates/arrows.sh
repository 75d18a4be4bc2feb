#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# An include points down the house, never up or sideways, and the core includes no libc.
set -eu
. "$(dirname "$0")/common.sh"
cd "$1"
list=$(files . '*.c' '*.h')
[ -n "$list" ] || exit 0
echo "$list" | sed 's|^\./||' | xargs awk '
BEGIN {
	hosted = "^include/handfast/heap\\.h$" # for programs that have libc
	n = split("base=1 wire=2 tcp=3 stack=4 io=5 lab=5 observe=5 drill=6 bridge=6 probe=6 guard=6 cmd=7", floors)
	for (i = 1; i <= n; i++) {
		split(floors[i], f, "=")
		floor[f[1]] = f[2]
	}
}
function complain(what) {
	print FILENAME ":" FNR ": " what
	bad = 1
}
FNR == 1 { split(FILENAME, part, "/"); here = part[1] }
/^[ \t]*#[ \t]*include[ \t]*"/ {
	name = $0
	sub(/^[^"]*"/, "", name)
	sub(/".*/, "", name)
	split(name, to, "/")
	there = to[1]
	if (name ~ /\.\./ || name !~ /\// && (here in floor || here == "include"))
		complain("\"" name "\" does not start at the top of the tree")
	else if (here == "include")
		complain("a public header includes \"" name "\"")
	else if (!(here in floor))
		next
	else if (!(there in floor))
		complain(here "/ includes \"" name "\"")
	else if (here != there && floor[there] + 0 >= floor[here] + 0)
		complain(here "/ may not include " there "/")
	next
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	name = $0
	sub(/^[^<]*</, "", name)
	sub(/>.*/, "", name)
	in_core = here in floor && floor[here] <= 4 || here == "include" && FILENAME !~ hosted
	if (name ~ /^handfast\// && !(in_core && ("include/" name) ~ hosted))
		next
	if (in_core &&
	    name !~ /^(float|limits|stdalign|stdarg|stdbool|stddef|stdint|stdnoreturn)\.h$/)
		complain("the core may not include <" name ">")
}
END { exit bad }' || exit 1
