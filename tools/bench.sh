#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the benchmarks of a build directory one after another, and prints what they print.
set -eu
found=
for program in "$1"/bench/bench_*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	found=yes
	"$program"
done
[ -n "$found" ] || { echo "$1 holds no benchmarks" >&2; exit 1; }
