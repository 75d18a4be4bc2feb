#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every source, test and public header is named in a meson.build: what is not listed is never built.
set -eu
. "$(dirname "$0")/common.sh"
cd "$1"
bad=0
for file in $(files . '*.c' '*.sh') $(find ./include -name '*.h' 2>/dev/null); do
	case $file in
	*/lib*.sh | ./tests/tools/* | ./tests/support/*) continue ;;
	esac
	dir=${file%/*}
	while [ ! -f "$dir/meson.build" ] && [ "$dir" != . ]; do
		dir=${dir%/*}
	done
	name=${file#"$dir"/}
	# Tests and their helpers are listed by what their names say: test_ring.c as 'ring'.
	short=$name
	case $file in
	./tests/* | ./bench/*)
		short=${name%.*}
		short=${short#test_}
		short=${short#bench_}
		;;
	esac
	if ! grep -qF -e "'$name'" -e "'$short'" "$dir/meson.build" 2>/dev/null; then
		echo "$file: not listed in $dir/meson.build"
		bad=1
	fi
done
exit $bad
