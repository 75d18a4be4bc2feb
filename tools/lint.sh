#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the gates on the tree, then the static analysers that are there.
set -u
cd "$(dirname "$0")/.."
. tools/gates/common.sh
bad=0

CC=gcc tools/build.sh gcc $GATE_BUILD || exit 1
for gate in arrows budget first_lines format listed switches; do
	tools/gates/$gate.sh . || [ $? = 77 ] || bad=1
done
tools/gates/purity.sh build/gcc/libhandfast-core.a || bad=1
tools/gates/symbols.sh . build/gcc/libhandfast.so || bad=1

files=$(c_files . | grep -E '^\./(base|wire|tcp|stack|io|lab|observe|bridge|cmd)/.*\.c$')
if command -v clang-tidy-14 >/dev/null; then
	echo "$files" | xargs -P "$(nproc)" -n 8 clang-tidy-14 --quiet -p build/gcc --warnings-as-errors='*' 2>/dev/null || bad=1
else
	echo "SKIP clang-tidy: clang-tidy-14 is missing"
fi
if command -v cppcheck >/dev/null; then
	echo "$files" | xargs cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j "$(nproc)" \
		--enable=warning,performance,portability -Iinclude -I. \
		--suppress=missingIncludeSystem || bad=1
else
	echo "SKIP cppcheck: cppcheck is missing"
fi
exit $bad
