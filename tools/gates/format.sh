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
echo "$list" | xargs "$formatter" --dry-run -Werror 2>&1 | grep -E 'error:' && bad=1
for file in $list; do
	# Columns, not octets: continuation octets of UTF-8 take no room. A line that is one string
	# literal is output shown as it is, and may be longer.
	expand -t 8 "$file" | LC_ALL=C sed 's/[\x80-\xBF]//g' | LC_ALL=C awk -v f="$file" '
		length($0) > 100 && !/^[ \t]*".*"[;,)]*$/ { print f ":" NR ": " length($0) " columns"; bad = 1 }
		/[ \t]$/ { print f ":" NR ": white space at the end"; bad = 1 }
		END { exit bad }' || bad=1
done
exit $bad
