# SPDX-License-Identifier: BSD-2-Clause
# What the gates share: which files are the project's, and which tools look at them.

# The build that the gates look at: plain, optimised, without sanitizers.
GATE_BUILD="--werror -Dgates=all"
DIRS="include base wire tcp stack io lab observe drill bridge probe guard cmd tests bench fuzz"

# files ROOT NAME...: the project's files whose names match, one a line.
files() {
	root=$1
	shift
	dirs=
	for dir in $DIRS; do
		[ ! -d "$root/$dir" ] || dirs="$dirs $root/$dir"
	done
	[ -n "$dirs" ] || return 0
	for name; do
		# shellcheck disable=SC2086 # the list is words
		find $dirs -name "$name" -type f
	done | sort
}

c_files() {
	files "$1" '*.c' '*.h'
}

# The clang-format whose layout is ours: another version lays out otherwise.
clang_format() {
	command -v clang-format-14 && return
	clang-format --version 2>/dev/null | grep -q 'version 14\.' && command -v clang-format
}

# need TOOL: skips the gate, by name, where the tool is missing.
need() {
	command -v "$1" >/dev/null || { echo "SKIP $(basename "$0" .sh): $1 is missing"; exit 77; }
}
