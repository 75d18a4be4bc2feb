#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every C file is laid out as clang-format 14 and .clang-format say, in 100 columns, comments too.
set -eu
. "$(dirname "$0")/common.sh"
formatter=$(clang_format) || { echo "SKIP format: clang-format 14 is missing"; exit 77; }
cd "$1"
list=$(c_files .)
[ -n "$list" ] || exit 0
bad=0
echo "$list" | xargs -P 2 -n 50 "$formatter" --dry-run -Werror 2>&1 | grep -E 'error:' && bad=1
# Columns, not octets: continuation octets of UTF-8 take no room, and tabs reach the next multiple of 8.
# A line that is one string literal is output shown as it is, and may be longer.
# shellcheck disable=SC2086 # the list is words
LC_ALL=C awk '
	function columns(line,   n, i, at, part) {
		gsub(/[\200-\277]/, "", line)
		n = split(line, part, "\t")
		for (i = 1; i < n; i++)
			at = int((at + length(part[i])) / 8) * 8 + 8
		return at + length(part[n])
	}
	columns($0) > 100 && !/^[ \t]*".*"[;,)]*$/ {
		print FILENAME ":" FNR ": " columns($0) " columns"; bad = 1
	}
	/[ \t]$/ { print FILENAME ":" FNR ": white space at the end"; bad = 1 }
	END { exit bad }' $list || bad=1
exit $bad
