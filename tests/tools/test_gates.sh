#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Shows that each gate lets good sources through and stops bad ones: a gate that cannot fail is none.
set -u
gates=$1/tools/gates
root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
bad=0

# report STATUS NAME: one TAP line.
report() {
	count=$((count + 1))
	case $1 in
	0) echo "ok $count - $2" ;;
	77) echo "ok $count - $2 # SKIP its tool is missing" ;;
	*)
		echo "not ok $count - $2"
		sed 's/^/# /' "$dir/out"
		bad=1
		;;
	esac
}

# passes|stops NAME GATE [ARGUMENT...]: on the tree in $dir/tree unless told otherwise.
passes() {
	name=$1 gate=$2
	shift 2
	[ $# -gt 0 ] || set -- "$dir/tree"
	"$gates/$gate.sh" "$@" >"$dir/out" 2>&1
	report $? "$gate passes $name"
}
stops() {
	name=$1 gate=$2
	shift 2
	[ $# -gt 0 ] || set -- "$dir/tree"
	"$gates/$gate.sh" "$@" >"$dir/out" 2>&1
	case $? in
	# It must have said what is wrong, not merely have broken down.
	1) [ -s "$dir/out" ] && ! grep -q 'syntax error' "$dir/out" ; report $? "$gate stops $name" ;;
	77) report 77 "$gate stops $name" ;;
	*) report 1 "$gate stops $name" ;;
	esac
}

# fresh: an empty tree. put FILE: standard input becomes a file of it.
fresh() {
	rm -rf "$dir/tree"
	mkdir -p "$dir/tree"
	cp "$root/.clang-format" "$dir/tree"
}
put() {
	mkdir -p "$dir/tree/$(dirname "$1")"
	cat >"$dir/tree/$1"
}
# archive: $dir/core.a from standard input, as the core is compiled.
archive() {
	rm -f "$dir/core.a"
	cc -std=c11 -O2 -fPIC -x c -c -o "$dir/core.o" - && ar rc "$dir/core.a" "$dir/core.o"
}

# purity

archive <<'END'
void *memcpy(void *restrict, const void *restrict, unsigned long);
const char *const words[] = { "one", "two" };
static int inside(int a) { return a + 1; }
int outside(void *a, const void *b, int n) { memcpy(a, b, 99); return inside(n); }
END
passes "mem functions and constant tables" purity "$dir/core.a"
archive <<'END'
int puts(const char *);
int loud(void) { return puts("no"); }
END
stops "a call of libc" purity "$dir/core.a"
archive <<'END'
int counter = 1;
int next(void) { return counter++; }
END
stops "a writable global" purity "$dir/core.a"
archive <<'END'
int next(void) { static int counter; return counter++; }
END
stops "a static counter" purity "$dir/core.a"
archive <<'END'
_Thread_local int counter;
int next(void) { return counter++; }
END
stops "a thread-local counter" purity "$dir/core.a"
archive <<'END'
static const char *words[] = { "one", "two" };
const char *word(int i) { return words[i]; }
void set(int i, const char *w) { words[i] = w; }
END
stops "a table of pointers that may be changed" purity "$dir/core.a"
archive </dev/null
stops "an archive without functions" purity "$dir/core.a"

# arrows

fresh
put base/ring.h </dev/null
put wire/tcp.c <<'END'
#include <stdint.h>
#include <handfast/types.h>
#include "base/ring.h"
#include "wire/tcp.h"
END
put cmd/main.c <<'END'
#include <stdio.h>
#include "io/tun.h"
END
passes "includes that point down" arrows
for line in base/a.c:wire/tcp.h wire/a.c:tcp/tcb.h tcp/rx/a.c:stack/stack.h stack/a.c:io/link.h \
	io/a.c:lab/lab.h lab/a.c:cmd/say.h observe/a.c:bridge/pump.h base/a.c:tests/support.h; do
	fresh
	echo "#include \"${line#*:}\"" | put "${line%:*}"
	stops "${line%%/*} including ${line#*:}" arrows
done
fresh
echo '#include "../base/ring.h"' | put wire/a.c
stops "an include by a relative path" arrows
fresh
echo '#  include "ring.h"' | put base/ring.c
stops "an include without its directory" arrows
fresh
echo '#include <stdio.h>' | put tcp/tx/a.c
stops "the core including libc" arrows
fresh
echo '#include "base/seq.h"' | put include/handfast/a.h
stops "a public header including a private one" arrows
fresh
echo '#include <stdlib.h>' | put include/handfast/heap.h
passes "libc in the header for programs that have it" arrows
echo '#include <handfast/heap.h>' | put stack/a.c
stops "the core including the header for programs" arrows

# budget

# function LINES: a function of that many lines.
function() {
	printf 'int f(int a)\n{\n'
	i=4
	while [ $i -lt "$1" ]; do
		echo '	a++;'
		i=$((i + 1))
	done
	printf '	return a;\n}\n'
}
# branches N: a function of complexity N.
branches() {
	printf 'int f(int a)\n{\n'
	i=1
	while [ $i -lt "$1" ]; do
		echo '	if (a == 1) a++;'
		i=$((i + 1))
	done
	printf '	return a;\n}\n'
}
fresh
function 60 | put base/a.c
branches 15 | put base/b.c
printf 'int f(int a, int b,\n      int (*c)(int, int, int), int d, int e)\n{\n\treturn a;\n}\n' | put base/c.c
yes '' | head -n 600 | put base/d.c
yes '' | head -n 300 | put base/d.h
printf '/* Shape: MHD_Handler. */\nint f(int a, int b, int c, int d, int e, int g)\n{\n\treturn a;\n}\n' | put base/e.c
passes "what is just within" budget
fresh
function 61 | put base/a.c
stops "a function of 61 lines" budget
fresh
branches 16 | put base/a.c
stops "a function of complexity 16" budget
fresh
printf 'int f(int a, int b,\n      int c, int d, int e, int g)\n{\n\treturn a;\n}\n' | put base/a.c
stops "a function of 6 parameters" budget
fresh
printf 'static struct x *f(int a, int b, int c, int d, int e,\n\t\t   int g);\n' | put base/a.h
stops "a declaration of 6 parameters" budget
fresh
yes '' | head -n 601 | put base/a.c
stops "a source of 601 lines" budget
fresh
yes '' | head -n 301 | put base/a.h
stops "a header of 301 lines" budget

# first lines

fresh
printf '/* SPDX-License-Identifier: BSD-2-Clause */\n/* A file. */\n' | put base/a.c
printf '#!/bin/sh\n# SPDX-License-Identifier: BSD-2-Clause\n# A script.\n' | put tools/a.sh
printf '# SPDX-License-Identifier: BSD-2-Clause\n# A list.\n' | put base/meson.build
passes "a licence and a sentence" first_lines
fresh
printf '/* A file. */\n' | put base/a.c
stops "a source without licence" first_lines
fresh
printf '/* SPDX-License-Identifier: BSD-2-Clause */\n#include <x.h>\n' | put base/a.c
stops "a source without a sentence" first_lines
fresh
printf '#!/bin/sh\n# A script.\n' | put tools/a.sh
stops "a script without licence" first_lines
fresh
printf '# SPDX-License-Identifier: BSD-2-Clause\nx = 1\n' | put base/meson.build
stops "a build file without a sentence" first_lines

# format

fresh
printf 'int f(int a)\n{\n\tif (a)\n\t\treturn 1;\n\treturn 0;\n}\n' | put base/a.c
passes "tabs and Linux braces" format
fresh
printf 'int f(int a) {\n    return a;\n}\n' | put base/a.c
stops "blanks and other braces" format
fresh
printf '/* %0100d */\nint f(void);\n' 0 | put base/a.h
stops "a comment past column 100" format
fresh
printf '/* No. \n */\nint f(void);\n' | put base/a.h
stops "white space at the end" format

# switches

states() {
	put include/handfast/reasons.h <<'END'
#define HF_STATES(X) \
	X(CLOSED, "CLOSED") \
	X(LISTEN, "LISTEN")
END
	put base/x.h <<'END'
typedef enum door_state { DOOR_OPEN, DOOR_SHUT } door_state;
typedef enum door_colour { DOOR_RED, DOOR_BLUE } door_colour;
END
}
fresh
states
put base/a.c <<'END'
int f(int s, int c)
{
	switch (s) {
	case HF_CLOSED:
		switch (c) { case DOOR_RED: return 1; default: return 2; }
	case HF_LISTEN: /* default: in a comment */
		return 3;
	}
	return 0;
}
END
passes "a default in a switch over something else" switches
fresh
states
put base/a.c <<'END'
int f(int s)
{
	switch (s) {
	case HF_CLOSED: { if (s) { return 1; } }
	default:
		return 3;
	}
}
END
stops "a default in a switch over the states of TCP" switches
fresh
states
put base/a.c <<'END'
int f(int s)
{
	switch (s) {
	default: return 3;
	case DOOR_SHUT: return 1;
	}
}
END
stops "a default in a switch over other states" switches

# symbols

# library BODY: $dir/libx.so.
library() {
	echo "$1" | cc -shared -fPIC -x c -o "$dir/libx.so" -
}
fresh
echo 'int hf_a(int); static inline int hf_b(int x) { return x; }' | put include/handfast/a.h
library 'int hf_a(int x) { return x; }'
passes "what is declared" symbols "$dir/tree" "$dir/libx.so"
library 'int hf_a(int x) { return x; } int hf_c;'
stops "an export that is not declared" symbols "$dir/tree" "$dir/libx.so"
library 'static int hf_a(int x) { return x; } int (*const hf_z[])(int) = { hf_a };'
stops "a declaration that is not exported" symbols "$dir/tree" "$dir/libx.so"

# listed

fresh
echo "files('a.c', 'rx/b.c')" | put tcp/meson.build
echo "tests = ['ring']" | put tests/unit/meson.build
put tcp/a.c </dev/null
put tcp/rx/b.c </dev/null
put tests/unit/test_ring.c </dev/null
passes "sources that are listed" listed
put tcp/rx/c.c </dev/null
stops "a source that is not listed" listed
rm "$dir/tree/tcp/rx/c.c"
put tests/unit/test_table.c </dev/null
stops "a test that is not listed" listed

# rfc9293

# traced: a tree whose one requirement is cited, drilled and on its page.
traced() {
	fresh
	mkdir -p "$dir/tree/tests/unit" "$dir/tree/docs"
	printf 'id\tsection\tlevel\tseen\trequirement\tnote\nMUST-1\t3.1\tMUST\twire\tIt is so.\t\n' |
		put docs/rfc9293.tsv
	printf 'int f(int a)\n{\n\treturn a; /* MUST-1 */\n}\n' | put tcp/a.c
	echo '// MUST-1: it is so.' | put tests/drill/a/one.pkt
}
page() {
	python3 "$root/tools/trace-rfc9293.py" --write "$dir/tree"
}
traced && page
passes "a requirement that is cited and drilled" rfc9293
traced && printf 'int f(int a);\n' | put tcp/a.c && page
stops "a requirement that no code cites" rfc9293
traced && echo '// Nothing.' | put tests/drill/a/one.pkt && page
stops "a requirement that no test names" rfc9293
traced && rm "$dir/tree/tests/drill/a/one.pkt" && echo '/* MUST-1 */' | put tests/unit/test_a.c && page
stops "a requirement of the wire without a drill" rfc9293
traced && echo '/* MUST-2 */' | put tcp/b.c && page
stops "code that cites an unknown requirement" rfc9293
traced && echo '// MUST-77' | put tests/drill/a/two.pkt && page
stops "a drill that names an unknown requirement" rfc9293
traced && sed -i 's/$/declined: no need/;1s/declined: no need//' "$dir/tree/docs/rfc9293.tsv" && rm "$dir/tree/tcp/a.c" && page
passes "a requirement that is declined with a reason" rfc9293
traced && page && echo 'int g(int a); /* MUST-1 */' | put tcp/c.h
stops "a page that is not what the tool makes" rfc9293

# attacks

# attacked: a tree whose one attack is answered by a test that is run and says so.
attacked() {
	fresh
	mkdir -p "$dir/tree/docs"
	printf '[a] A\n\nattack: Ping: of death\nreference: RFC 1\nhow: By a ping.\ntests: test_ping.c a/ping.pkt\noutcome: None.\n' |
		put tests/attacks/catalogue.txt
	echo "tests = ['ping']" | put tests/attacks/meson.build
	printf '/*\n * Attacks:\n *\tPing: of death\n */\n' | put tests/attacks/test_ping.c
	echo '// Ping: of death (RFC 1). It lives.' | put tests/attacks/a/ping.pkt
}
attacks_page() {
	python3 "$root/tools/attacks.py" --write "$dir/tree"
}
attacked && attacks_page
passes "an attack that tests answer" attacks
attacked && rm "$dir/tree/tests/attacks/a/ping.pkt" && attacks_page
stops "an attack whose test does not exist" attacks
attacked && echo "tests = ['pong']" | put tests/attacks/meson.build && attacks_page
stops "an attack whose test is not run" attacks
attacked && echo '// It lives.' | put tests/attacks/a/ping.pkt && attacks_page
stops "a test that does not name its attack" attacks
attacked && echo '// Ping: of death' | put tests/attacks/a/pong.pkt && attacks_page
stops "a test that is no attack's" attacks
attacked && sed -i '/^tests/d;/^outcome/d' "$dir/tree/tests/attacks/catalogue.txt" && attacks_page
stops "an attack that nothing answers" attacks
attacked && sed -i 's/^tests:.*/does not apply: no pings here/;/^outcome/d' "$dir/tree/tests/attacks/catalogue.txt" &&
	rm "$dir/tree/tests/attacks/test_ping.c" "$dir/tree/tests/attacks/a/ping.pkt" && attacks_page
passes "an attack that does not apply, with a reason" attacks
attacked && sed -i '/^outcome/d' "$dir/tree/tests/attacks/catalogue.txt" && attacks_page
stops "an attack without an outcome" attacks
attacked && attacks_page && sed -i 's/None/Nothing/' "$dir/tree/tests/attacks/catalogue.txt"
stops "a page of attacks that is not what the tool makes" attacks

# standards

standing() {
	fresh
	mkdir -p "$dir/tree/docs" "$dir/tree/tests/drill/loss"
	put tcp/a.c </dev/null
	put tests/unit/test_a.c </dev/null
	echo '| 793 | TCP | `tcp/a.c` | *a*; *loss/* | |' | put docs/standards.md
}
standing
passes "a page of what exists" standards
standing && echo '/* RFC 1122 4.2 */' | put tcp/a.c
stops "an RFC that is cited and has no row" standards
standing && rm "$dir/tree/tcp/a.c"
stops "a file that does not exist" standards
standing && rm "$dir/tree/tests/unit/test_a.c"
stops "a test that does not exist" standards
standing && rmdir "$dir/tree/tests/drill/loss"
stops "a folder of drills that does not exist" standards

echo "1..$count"
exit $bad
