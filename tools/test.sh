#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds with both compilers, sanitizers and for other machines, runs all tests and gates, and counts.
set -u
cd "$(dirname "$0")/.."
. tools/gates/common.sh

steps=build/steps.tap
results="steps=$steps"
mkdir -p build
: >"$steps"

pass() {
	echo "ok - $1" >>"$steps"
}
skip() {
	echo "ok - $1 # SKIP $2" >>"$steps"
	echo "$1: skipped, $2"
}
flunk() {
	echo "not ok - $1" >>"$steps"
	echo "$1: FAILED" >&2
	tail -n 30 "$2" >&2
}

# The quickest linker there is: each build links hundreds of programs.
link=
! command -v mold >/dev/null || link=-Dc_link_args=-fuse-ld=mold

# check NAME MESON-ARGUMENT...: builds build/NAME and runs its tests, if it has any.
check() {
	name=$1
	shift
	began=$(date +%s)
	log=build/$name-build.log
	tests=build/$name/meson-logs/testlog.json
	rm -f "$tests"
	if ! tools/build.sh "$name" "$@" >"$log" 2>&1; then
		flunk "build of $name" "$log"
		return
	fi
	pass "build of $name"
	built=$(date +%s)
	# What failed is read from Meson's log, case by case.
	meson test -C "build/$name" --no-rebuild >"build/$name-test.log" 2>&1
	results="$results $name=$tests"
	echo "$name: built in $((built - began)) s, tested in $(($(date +%s) - built)) s"
}

# runs COMPILER [RUNNER]: can this machine build and run a static program for that one?
runs() {
	command -v "$1" >/dev/null || return 1
	echo 'int main(void) { return 0; }' | "$1" -static -x c - -o build/try 2>/dev/null || return 1
	shift
	"$@" build/try
}

# A small sample; `make mutants` plants ten times as many.
tools/mutate.py --count 24 >build/mutants.tap 2>&1
results="$results mutants=build/mutants.tap"

if command -v clang >/dev/null; then
	clang=clang
else
	clang=clang-14
fi
sanitize="--werror -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Dc_args=-fno-sanitize-recover=all"

# shellcheck disable=SC2086 # the arguments are words
CC=gcc check gcc $GATE_BUILD $link
CC=gcc check gcc-sanitized $sanitize $link
if command -v $clang >/dev/null; then
	CC=$clang check clang --werror -Dgates=objects -Dnet_tests=false $link
	CC=$clang check clang-sanitized $sanitize -Dnet_tests=false -Dfuzz=auto $link
else
	skip "clang" "clang is missing"
fi
# Where the kernel runs no 32-bit programs, qemu does.
if runs i686-linux-gnu-gcc env 2>/dev/null; then
	check i686 --werror --cross-file tools/cross/i686.ini -Dcommand=false
elif command -v qemu-i386 >/dev/null && runs i686-linux-gnu-gcc qemu-i386; then
	check i686 --werror --cross-file tools/cross/i686.ini \
		--cross-file tools/cross/i686-qemu.ini -Dcommand=false
else
	skip "32-bit" "no i686-linux-gnu-gcc, or its programs do not run here"
fi
if ! command -v qemu-s390x >/dev/null; then
	skip "big-endian" "qemu-s390x is missing"
elif runs s390x-linux-gnu-gcc qemu-s390x; then
	check s390x --werror --cross-file tools/cross/s390x.ini -Dcommand=false
else
	skip "big-endian" "no s390x-linux-gnu-gcc, or its programs do not run here"
fi
rm -f build/try

# shellcheck disable=SC2086 # the results are words
exec python3 tools/tally.py $results
