#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Configures build/NAME with the given Meson arguments, unless it stands so already, and builds it.
set -eu
cd "$(dirname "$0")/.."

name=$1
shift
dir=build/$name
mkdir -p build
asked="${CC:-} $* $(cat meson.build meson_options.txt tools/cross/*.ini | cksum)"
if [ ! -e "$dir/build.ninja" ] || [ "$(cat "$dir/asked" 2>/dev/null)" != "$asked" ]; then
	rm -rf "$dir"
	meson setup "$dir" "$@" >"$dir.log" 2>&1 || { cat "$dir.log" >&2; exit 1; }
	echo "$asked" >"$dir/asked"
fi
ninja --quiet -C "$dir"
