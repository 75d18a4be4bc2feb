#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is installed can be used: headers alone, by pkg-config, static and shared, soname and version.
set -u
build=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
bad=0

# try NAME COMMAND...: one TAP line.
try() {
	count=$((count + 1))
	name=$1
	shift
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$dir/out"
		bad=1
	fi
}

DESTDIR=$dir/root
export DESTDIR
try "it installs" meson install -C "$build" --no-rebuild
unset DESTDIR
pc=$(find "$dir/root" -name handfast.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$dir/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
cflags=$(pkg-config --cflags handfast)
libs=$(pkg-config --libs handfast)
libdir=$PKG_CONFIG_SYSROOT_DIR$(pkg-config --variable=libdir handfast | sed "s|^$dir/root||")

cat >"$dir/user.c" <<'END'
#include <handfast/stack.h>
#include <stdio.h>
int main(void)
{
	hf_config config = { .size = sizeof(config) };
	hf_stack *s;

	puts(hf_err_name(hf_stack_new(&config, (hf_time){ 0 }, &s)));
	return 0;
}
END
for header in "$dir"/root/*/*/include/handfast/*.h; do
	# shellcheck disable=SC2086 # flags are words
	try "$(basename "$header") compiles by itself" "$@" -std=c11 -pedantic-errors -Wall -Wextra -Werror \
		$cflags -fsyntax-only -x c "$header"
done
# shellcheck disable=SC2086 # flags are words
try "a program links with the shared library" "$@" $cflags "$dir/user.c" -o "$dir/shared" $libs
try "and runs" env LD_LIBRARY_PATH="$libdir" "$dir/shared"
try "by its soname" sh -c "objdump -p '$dir/shared' | grep -q 'NEEDED.*libhandfast\.so\.0$'"
try "with versioned symbols" sh -c "objdump -T '$dir/shared' | grep -q 'HANDFAST_0\.1.*hf_err_name'"
# shellcheck disable=SC2086 # flags are words
try "a program links with the static library" "$@" $cflags "$dir/user.c" -o "$dir/static" "$libdir/libhandfast.a"
try "and runs by itself" "$dir/static"
try "the manual page is there" sh -c "ls '$dir'/root/*/*/share/man/man1/handfast.1*"
try "the completion is there" sh -c "ls '$dir'/root/*/*/share/bash-completion/completions/handfast.bash"

echo "1..$count"
exit $bad
