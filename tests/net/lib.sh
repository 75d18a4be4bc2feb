# SPDX-License-Identifier: BSD-2-Clause
# What the tests in namespaces share: TAP lines, a namespace, programs in it, waiting for conditions.
#
# A script reads this file first (. "$(dirname "$0")/lib.sh") and ends with `finish`. Whatever ends it, a
# signal too, the programs that it started are killed by their process ids, its namespace is
# deleted and its directory removed. Nothing leaves the namespace: it has a loopback and what Handfast
# makes in it, and no way out.
#
#	$HANDFAST      the command
#	$HF_SANITIZED  set in a build with sanitizers, where large files are smaller
#	$dir           a directory that goes away
#	$ns            the namespace
#
# Functions here use variables that start with an underscore, and set those that their comments name.
set -u
LC_ALL=C
export LC_ALL
unset http_proxy https_proxy all_proxy
: "${HANDFAST:?is the command to be tested}"
name=$(basename "$0" .sh)
count=0
bad=0
started=
ns=
shm=
mounted= # a file system that goes away too
ticks=$(getconf CLK_TCK)
V4=10.77.0.2
V6=fd77::2
KERNEL4=10.77.0.1
KERNEL6=fd77::1

if [ "${HF_SANITIZED:-}" ]; then
	LARGE=$((64 << 20))
	PATIENCE=90
else
	LARGE=$((1 << 30))
	PATIENCE=30
fi

# ---- TAP ----

# note TEXT...: a comment, such as a figure.
note() {
	echo "# $*"
}

# ok STATUS SENTENCE [FILE]...: one case; if it failed, the files show why.
ok() {
	count=$((count + 1))
	held=$1
	if [ "$held" = 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	bad=1
	shift 2
	for _file; do
		[ -s "$_file" ] && echo "# $(basename "$_file"):" && tail -n 25 "$_file" | cut -c 1-200 | sed 's/^/#   /'
	done
}

# it SENTENCE COMMAND...: a case that holds if the command succeeds.
it() {
	_sentence=$1
	shift
	"$@" >"$dir/it" 2>&1
	ok $? "$_sentence" "$dir/it"
}

# skip SENTENCE REASON: a case that cannot be tried here.
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# needs PROGRAM PACKAGE...: skips the whole script where a program is missing.
needs() {
	while [ $# -gt 0 ]; do
		if ! command -v "$1" >/dev/null; then
			skip "$name" "$1 is missing; it is in the package $2"
			finish
		fi
		shift 2
	done
}

# same WHAT EXPECTED GOT
same() {
	[ "$2" = "$3" ] && return
	echo "$1: expected '$2', got '$3'"
	return 1
}

finish() {
	echo "1..$count"
	exit $bad
}

# ---- What goes away at the end ----

# is_running PID: a child of this script, and no zombie: an id that another program has got by now is not ours.
is_running() {
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	"Z $$ "* | "X $$ "*) return 1 ;;
	?" $$ "*) return 0 ;;
	*) return 1 ;;
	esac
}

clean_up() {
	_status=$?
	trap '' HUP INT PIPE TERM
	for _pid in $started; do
		is_running "$_pid" && kill -CONT "$_pid" && kill -KILL "$_pid"
	done 2>/dev/null
	wait
	[ "$ns" ] && ip netns delete "$ns"
	[ "$mounted" ] && umount "$mounted"
	rm -rf "$dir" ${shm:+"$shm"}
	exit $_status
}

# A place for large files: memory if it has room for twice LARGE, else beside the small ones.
large_dir() {
	[ "$shm" ] || {
		shm=$dir
		if [ "$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')" -gt $((LARGE >> 9)) ] 2>/dev/null; then
			shm=$(mktemp -d /dev/shm/handfast-XXXXXX)
		fi
	}
}

# ---- Waiting ----

# within SECONDS COMMAND...: asks again and again until the command succeeds; false after that time.
within() {
	_until=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$_until" ] || return 1
		sleep 0.02
	done
}

is_gone() {
	! is_running "$1"
}

# ---- Programs ----

# in_ns COMMAND...: in the namespace, in the foreground.
in_ns() {
	nsenter --net="/run/netns/$ns" "$@"
}

# start NAME COMMAND...: in the background, with output in $dir/NAME.out and .err; the id is $pid.
start() {
	_what=$1
	shift
	: >"$dir/$_what.err"
	"$@" >"$dir/$_what.out" 2>"$dir/$_what.err" </dev/null &
	pid=$!
	started="$started $pid"
}

# start_in_ns NAME COMMAND...: likewise, in the namespace; nsenter becomes the program.
start_in_ns() {
	_what=$1
	shift
	start "$_what" nsenter --net="/run/netns/$ns" "$@"
}

# ended PID: waits for its end, for a bounded time; $code is its exit status.
ended() {
	if ! within $PATIENCE is_gone "$1"; then
		kill -KILL "$1"
		wait "$1"
		code=killed
		return 1
	fi
	wait "$1"
	code=$?
}

# stop PID [SIGNAL]: ends a program; $code is its exit status.
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	ended "$1"
}

# serve NAME DIRECTORY OPTION...: `handfast serve` in the namespace; returns when it is ready. $pid is its id.
serve() {
	_what=$1
	shift
	start "$_what" "$HANDFAST" serve --netns "$ns" "$@"
	within $PATIENCE grep -q " is at http://.*\[" "$dir/$_what.err" && return
	echo "handfast serve is not ready:"
	cat "$dir/$_what.err"
	return 1
}

# listening PORT: a kernel's socket listens there.
listening() {
	[ "$(in_ns ss -Hltn "sport = :$1")" ]
}

has_no_tun() {
	[ -z "$(ip -n "$ns" -o link show type tun)" ]
}

# stat_of FILE NAME...: the latest value of a counter in what --stats wrote; 0 if it was not written.
stat_of() {
	_file=$1
	shift
	awk -v name="$*" '
		$0 == "end" { shown = now; now = 0; next }
		substr($0, 1, length(name) + 1) == name " " { now = $NF }
		END { print shown + 0 }' "$_file"
}

# ask_stats PID FILE: has a command that runs with --stats write its counters.
ask_stats() {
	_before=$(grep -c '^end$' "$2")
	kill -USR1 "$1"
	within $PATIENCE more_ends "$2" "$_before"
}
more_ends() {
	[ "$(grep -c '^end$' "$1")" -gt "$2" ]
}

# cpu PID: hundredths of a second that it has used.
cpu() {
	sed 's/.*) //' "/proc/$1/stat" | awk -v ticks="$ticks" '{ printf "%d\n", ($12 + $13) * 100 / ticks }'
}

# is_gone_or_sampled PID: keeps the CPU time of a program, which can be read until it ends, in $spent.
is_gone_or_sampled() {
	is_gone "$1" || {
		_sample=$(cpu "$1") && spent=${_sample:-$spent}
		false
	} 2>/dev/null
}

now_ms() {
	date +%s%3N
}

# figure WHAT OCTETS MILLISECONDS [CPU]: of the case before, if it held.
figure() {
	[ "$held" = 0 ] || return
	note "$(awk -v what="$1" -v octets="$2" -v ms="$3" -v cpu="${4:-}" 'BEGIN {
		printf "%s: %d MiB in %.2f s, %.0f MB/s", what, octets / 1048576, ms / 1000, octets / 1000 / (ms + 1)
		if (cpu != "")
			printf "; handfast used %.2f s of CPU", cpu / 100
	}')"
}

# ---- Files ----

# octets SEED SIZE: octets that look random, the same for the same seed.
octets() {
	head -c "$2" /dev/zero |
		openssl enc -aes-128-ctr -nosalt -K "$(printf %032x "$1")" -iv 00000000000000000000000000000000
}

# sha FILE: the digest; of the standard input if there is no FILE.
sha() {
	sha256sum "$@" | cut -d ' ' -f 1
}

# fetch ARGUMENT...: curl in the namespace, silent but for errors.
fetch() {
	in_ns curl -q -sS --noproxy '*' --max-time $PATIENCE "$@"
}

# ---- The beginning ----

dir=$(mktemp -d "${TMPDIR:-/tmp}/handfast-XXXXXX")
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
chmod 755 "$dir"
ns=handfast-$name-$$
ns=$(echo "$ns" | tr _ -)
if ! ip netns add "$ns"; then
	ns=
	skip "$name" "cannot name a network namespace"
	finish
fi
ip -n "$ns" link set lo up
