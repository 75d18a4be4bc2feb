#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A switch over states names every state: `default:` would hide the one that is added later.
set -eu
. "$(dirname "$0")/common.sh"
cd "$1"
list=$(c_files .)
[ -n "$list" ] || exit 0
# First pass: the enumerators of every enum named ..._state, and the rows of HF_STATES. Second: the switches.
echo "$list" | xargs sh -c 'awk "$0" pass=1 "$@" pass=2 "$@"' '
function enter_switch(line) {
	depth++
	is_switch[depth] = line
	over_states[depth] = 0
	default_at[depth] = 0
}
function leave() {
	if (is_switch[depth] && over_states[depth] && default_at[depth]) {
		print FILENAME ":" default_at[depth] ": default in a switch over states"
		bad = 1
	}
	is_switch[depth] = 0
	depth--
}
FNR == 1 { depth = 0; pending = 0; rows = 0; members = 0 }
{
	gsub(/"([^"\\]|\\.)*"/, "\"\"")
	if (pass == 1 && /#define HF_STATES\(X\)/) { rows = 1; next }
	if (rows && match($0, /X\([A-Z_0-9]+/)) state["HF_" substr($0, RSTART + 2, RLENGTH - 2)] = 1
	if (rows && !/\\$/) rows = 0
	gsub(/\/\*[^*]*\*\//, "")
	sub(/\/\/.*/, "")
}
pass == 1 && /enum [a-z_0-9]*_state[ \t]*\{/ { members = 1; sub(/.*\{/, "") }
pass == 1 && members {
	text = $0
	while (match(text, /[A-Z][A-Z_0-9]+/)) {
		state[substr(text, RSTART, RLENGTH)] = 1
		text = substr(text, RSTART + RLENGTH)
	}
	if (/\}/) members = 0
}
pass == 2 {
	text = $0
	while (match(text, /(^|[^a-zA-Z0-9_])(switch|case[ \t]+[A-Za-z_0-9]+|default)|[{}]/)) {
		word = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		sub(/^[^a-zA-Z{}]/, "", word)
		if (word == "switch") pending = 1
		else if (word == "{" && pending) { enter_switch(FNR); pending = 0 }
		else if (word == "{") { depth++; is_switch[depth] = 0 }
		else if (word == "}") leave()
		else if (word == "default") default_at[depth] = FNR
		else { sub(/case[ \t]+/, "", word); if (word in state) over_states[depth] = 1 }
	}
}
END { exit bad }' || exit 1
