#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Has libFuzzer look for octets that break something: each target for TIME seconds, as many at once as JOBS says.
#
# usage: tools/fuzz.sh [TARGET]...            fuzzes these, or all
#        tools/fuzz.sh --merge TARGET...      what was found and is new goes into tests/fuzz/corpus
#        tools/fuzz.sh --test FUZZER TARGET   fuzzes one for FUZZ_SECONDS, as a test
#
# What is found is kept in build/fuzz-corpus, what breaks something in build/fuzz-found: the same target of
# build/fuzz/tests/fuzz/fuzz, given that file, shows it again.
set -u
here=$PWD
cd "$(dirname "$0")/.."

committed=tests/fuzz/corpus
kept=build/fuzz-corpus
found=$PWD/build/fuzz-found
fuzzer=$PWD/build/fuzz/tests/fuzz/fuzzer
export ASAN_OPTIONS="${ASAN_OPTIONS:-strict_string_checks=1:quarantine_size_mb=4}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"
export HF_SOURCE_ROOT="$PWD"

# longest TARGET: octets of an input; what is longer is only slower.
longest() {
	case $1 in
	drill_*) echo 2500 ;;
	peer | ends | frames | observe) echo 800 ;;
	*) echo 300 ;;
	esac
}

# run TARGET SECONDS NEW: new inputs go to the directory NEW. Without -entropic=0 a third of the time would go into
# reckoning which of 20,000 features are rare.
run() {
	mkdir -p "$found"
	HF_FUZZ_TARGET=$1 "$fuzzer" -max_total_time="$2" -max_len="$(longest "$1")" -timeout=30 -rss_limit_mb=2048 \
		-entropic=0 -artifact_prefix="$found/$1-" -print_final_stats=1 "$3" "$committed/$1" 2>&1
}

# figures LOG: what was done, in one line.
figures() {
	awk '/^#[0-9]+.*cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1); else if ($i == "ft:") ft = $(i + 1) }
		/stat::number_of_executed_units:/ { runs = $2 }
		/stat::average_exec_per_sec:/ { rate = $2 }
		/stat::peak_rss_mb:/ { rss = $2 }
		END { print runs " runs, " rate " a second, " cov " edges, " ft " features, " rss " MiB" }' "$1"
}

test_one() {
	case $1 in
	/*) fuzzer=$1 ;;
	*) fuzzer=$here/$1 ;;
	esac
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir "$dir/new"
	if run "$2" "${FUZZ_SECONDS:-4}" "$dir/new" >"$dir/log"; then
		echo "# $2: $(figures "$dir/log")"
		return 0
	fi
	tail -n 60 "$dir/log"
	return 1
}

fuzz_one() {
	mkdir -p "$kept/$1"
	log=build/fuzz-$1.log
	if run "$1" "${TIME:-600}" "$kept/$1" >"$log"; then
		echo "$1: $(figures "$log")"
		return 0
	fi
	grep -E 'ERROR|SUMMARY|Test unit written|failed|error:' "$log" | sed "s/^/$1: /"
	return 1
}

merge_one() {
	new=build/fuzz-merged/$1
	rm -rf "$new"
	mkdir -p "$new/all" "$new/few" "$kept/$1"
	HF_FUZZ_TARGET=$1 "$fuzzer" -merge=1 -merge_control_file="$new/control" "$new/all" "$committed/$1" "$kept/$1" \
		>"build/fuzz-$1.log" 2>&1 || return 1
	tools/fuzz-choose.py "$new/control" "$new/few" || return 1
	rm -rf "${committed:?}/$1"
	mv "$new/few" "$committed/$1"
	echo "$1: $(find "$committed/$1" -type f | wc -l) inputs, $(cat "$committed/$1"/* | wc -c) octets"
}

case ${1:-} in
--test)
	test_one "$2" "$3"
	exit $?
	;;
--missing)
	echo "SKIP fuzzing: clang's libFuzzer is missing"
	exit 77
	;;
--one)
	fuzz_one "$2"
	exit $?
	;;
esac

if command -v clang >/dev/null; then
	CC=clang
else
	CC=clang-14
fi
export CC
command -v $CC >/dev/null || { echo "SKIP fuzz: clang is missing"; exit 77; }
tools/build.sh fuzz --werror -Dfuzz=enabled -Dnet_tests=false -Db_sanitize=address,undefined -Db_lundef=false \
	-Doptimization=1 -Dc_args=-fno-sanitize-recover=all || exit 1
if [ "${1:-}" = --merge ]; then
	shift
	for target; do
		merge_one "$target" || exit 1
	done
	exit 0
fi
[ $# -gt 0 ] || set -- $(ls $committed)
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -n 1 tools/fuzz.sh --one
