#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what is missing from the distribution for the purposes named: build, demo, test, model, prove, lint, docs.
set -eu
cd "$(dirname "$0")/.."

# want NEED PURPOSE...: the packages of that need that are not installed.
want() {
	need=$1
	shift
	for purpose; do
		awk -v p="$purpose" -v n="$need" '$1 == p && $2 == n { print $3 }' tools/packages.txt
	done | sort -u | while read -r package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || printf '%s ' "$package"
	done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	for tool in cc meson ninja pkg-config; do
		command -v $tool >/dev/null || { echo "$0: '$tool' is missing, and this is no Debian to get it from" >&2; exit 1; }
	done
	exit 0
fi

required=$(want required "$@")
optional=$(want optional "$@")
[ -n "$required$optional" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }; }; then
	as_root=sudo
elif [ -n "$required" ]; then
	echo "These packages are missing: $required$optional" >&2
	echo "Install them as root: apt-get install --no-install-recommends $required$optional" >&2
	exit 1
else
	echo "Without these packages some parts are left out: $optional" >&2
	exit 0
fi

# What is installed for tests must not start a service on the way.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap '$as_root rm -f $policy' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
fi

install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

echo "Installing: $required$optional"
$as_root apt-get update -q
# shellcheck disable=SC2086 # the lists are words
if ! install $required $optional; then
	[ -z "$required" ] || install $required
	for package in $optional; do
		install "$package" || echo "$package could not be installed: what needs it is left out" >&2
	done
fi
