#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Functions have 60 lines, complexity 15 and 5 parameters at most; sources 600 lines, headers 300.
set -eu
. "$(dirname "$0")/common.sh"
need pmccabe
cd "$1"
list=$(c_files .)
[ -n "$list" ] || exit 0
bad=0

echo "$list" | xargs wc -l | awk '
	$2 == "total" { next }
	$2 ~ /\.c$/ && $1 > 600 || $2 ~ /\.h$/ && $1 > 300 { print $2 ": " $1 " lines"; bad = 1 }
	END { exit bad }' || bad=1

# A function that pmccabe cannot follow would go unmeasured, so its complaints count.
echo "$list" | xargs pmccabe 2>&1 | awk -F'\t' '
	NF < 6 { print; bad = 1; next }
	$1 > 15 || $5 > 60 { print $6 ": complexity " $1 ", " $5 " lines"; bad = 1 }
	END { exit bad }' || bad=1

# A callback whose parameters a library dictates names the library's type in the line above it:
# `/* Shape: MHD_AccessHandlerCallback. */`.
echo "$list" | xargs awk '
function parameters(text,   i, c, depth, count) {
	i = match(text, /[a-zA-Z0-9_]\(/) + 1
	count = 1
	for (; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "(") depth++
		if (c == ")" && --depth == 0) break
		if (c == "," && depth == 1) count++
	}
	return count
}
FNR == 1 { head = ""; define = 0; shape = -1 }
/^\/\* Shape: [A-Za-z_]+\. \*\/$/ { shape = FNR }
define || /^[ \t]*#/ { define = /\\$/; next }
/^(typedef|struct [a-z_0-9]+ \{|enum|union)/ && !/\(/ { head = ""; next }
/^[a-z].*[a-z_0-9]\(/ || /^[a-z][a-z_0-9 *]*$/ { head = ""; start = FNR; open = 1 }
open {
	head = head $0
	if (/[;{]$/ || /^\{/) {
		if (head ~ /[a-zA-Z0-9_]\(/ && head !~ /=/ && shape != start - 1 && parameters(head) > 5) {
			print FILENAME ":" start ": " parameters(head) " parameters"
			bad = 1
		}
		open = 0
	}
}
END { exit bad }' || bad=1
exit $bad
