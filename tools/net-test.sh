#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs one test that needs network namespaces and TUN, or skips it by name where there are none.
name=$(basename "$1" .sh)
skip() {
	echo "ok 1 - $name # SKIP $1"
	exit 0
}
[ "$(id -u)" = 0 ] || skip "needs root"
[ -c /dev/net/tun ] || skip "needs /dev/net/tun"
command -v ip >/dev/null || skip "needs ip, of iproute2"
unshare --net true 2>/dev/null || skip "may not make network namespaces"
exec sh "$1"
