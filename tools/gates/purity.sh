#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The core needs nothing from outside but four mem functions, and has no writable data.
set -eu
archive=$1
need=$(nm -P "$archive" | awk '
	NF < 2 { next }
	$2 == "U" || $2 == "w" || $2 == "v" { used[$1] = 1; next }
	{ made[$1] = 1 }
	END { for (s in used) if (!(s in made)) print s }' |
	grep -vxE 'mem(cpy|move|set|cmp)|_GLOBAL_OFFSET_TABLE_' | sort) || true
# Constants that hold addresses lie in .data.rel.ro, which is read-only once loaded.
data=$(objdump -t "$archive" | awk '
	/ (\.(t?data|t?bss|sdata|sbss)[^ \t]*|\*COM\*)\t/ && !/\.data\.rel\.ro/ && !/ d  / { print $NF }' | sort)
objects=$(nm -P "$archive" | grep -c ' T ') || true
[ "$objects" -gt 0 ] || { echo "$archive: defines no function"; exit 1; }
for symbol in $need; do echo "$archive: needs $symbol from outside"; done
for symbol in $data; do echo "$archive: $symbol is writable data"; done
[ -z "$need$data" ]
