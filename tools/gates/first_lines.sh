#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every file starts with its licence and one sentence on what it is.
set -eu
. "$(dirname "$0")/common.sh"
cd "$1"
list=$(files . '*.c' '*.h' '*.sh' '*.py' 'meson.build'
	for file in Makefile Doxyfile handfast.map meson.build meson_options.txt .ci/run; do
		[ ! -f $file ] || echo ./$file
	done
	[ ! -d tools ] || find ./tools -type f)
[ -n "$list" ] || exit 0
echo "$list" | xargs awk '
function complain(what) {
	if (!(FILENAME in said))
		print FILENAME ":" FNR ": " what
	said[FILENAME] = bad = 1
}
FNR == 1 {
	c = FILENAME ~ /\.(c|h|map)$/
	line = 0
	if (/^#!/)
		next
}
{ line++ }
line == 1 && $0 != (c ? "/* SPDX-License-Identifier: BSD-2-Clause */" : "# SPDX-License-Identifier: BSD-2-Clause") {
	complain("the licence line is missing")
}
line == 2 && (c && !/^\/\* .+[.?] \*\/$/ || !c && !/^# .+\.$/) {
	complain("the sentence on what the file is, is missing")
}
END { exit bad }' || exit 1
