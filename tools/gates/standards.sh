#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# docs/standards.md names only what exists, and every RFC that the core cites has its row there.
set -eu
cd "$1"
page=docs/standards.md
bad=0

say() {
	echo "$page: $1"
	bad=1
}

rows=$(grep '^| [0-9d]' $page | cut -d'|' -f2 | grep -oE '[0-9]{3,4}' | sort -un)
for rfc in $(find base wire tcp stack include -name '*.[ch]' -exec grep -ohE 'RFC [0-9]{3,4}' {} + 2>/dev/null |
	cut -d' ' -f2 | sort -un); do
	echo "$rows" | grep -qx "$rfc" || say "RFC $rfc is cited by the code and has no row"
done
for file in $(grep -oE '`[a-z0-9_/]+(\.[ch]|/)`' $page | tr -d '`' | sort -u); do
	[ -e "$file" ] || say "there is no $file"
done
for name in $(grep '^|' $page | grep -oE '\*[a-z0-9_]+/?\*' | tr -d '*' | sort -u); do
	case $name in
	*/) [ -d "tests/drill/$name" ] || say "there is no tests/drill/$name" ;;
	*) [ -f "tests/unit/test_$name.c" ] || [ -f "tests/sim/test_$name.c" ] || say "there is no test $name" ;;
	esac
done
exit $bad
