#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plants one fault at a time into a copy of the core, and demands that the unit tests notice. Prints TAP.
set -u
cd "$(dirname "$0")/.."
copy=build/mutants
list=tools/mutants.txt

rm -rf "$copy"
mkdir -p "$copy/src"
cp -R meson.build meson_options.txt handfast.map include base wire tcp stack lab observe tests \
	bench tools docs "$copy/src"
for dir in io bridge drill cmd; do
	[ ! -d "$dir" ] || cp -R "$dir" "$copy/src"
done
meson setup "$copy/out" "$copy/src" -Dcommand=false -Dnet_tests=false -Dgates=objects \
	--buildtype=plain >"$copy/log" 2>&1 || { cat "$copy/log"; exit 1; }

try() {
	ninja --quiet -C "$copy/out" >"$copy/log" 2>&1 || return 2
	meson test -C "$copy/out" --no-rebuild --maxfail 1 --suite unit >"$copy/log" 2>&1 || return 1
}

n=1
if try; then
	echo "ok 1 - the tests pass without a fault"
else
	echo "not ok 1 - the tests pass without a fault"
	tail -n 30 "$copy/log"
	exit 1
fi
grep -v '^#' "$list" | {
	bad=0
	while IFS='|' read -r file text becomes wrong; do
		n=$((n + 1))
		cp "$file" "$copy/kept"
		TEXT=$text BECOMES=$becomes awk '
			{
				at = index($0, ENVIRON["TEXT"])
				if (at) {
					found++
					$0 = substr($0, 1, at - 1) ENVIRON["BECOMES"] substr($0, at + length(ENVIRON["TEXT"]))
				}
				print
			}
			END { exit found != 1 }' "$copy/kept" >"$copy/src/$file" || {
			echo "not ok $n - $wrong: the text does not stand in $file just once"
			bad=1
			cp "$copy/kept" "$copy/src/$file"
			continue
		}
		try
		case $? in
		0) echo "not ok $n - $wrong: nobody noticed"; bad=1 ;;
		2) echo "not ok $n - $wrong: does not build"; bad=1 ;;
		*) echo "ok $n - noticed: $wrong" ;;
		esac
		cp "$copy/kept" "$copy/src/$file"
	done
	echo "1..$n"
	exit $bad
}
