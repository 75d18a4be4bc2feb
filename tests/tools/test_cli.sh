#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The command line of handfast: one clear line for each mistake, the documented exit codes, generated texts.
set -u
handfast=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
bad=0

# tell STATUS NAME: one TAP line.
tell() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	sed 's/^/# /' "$dir/out" "$dir/err"
	bad=1
}

# run CODE ARGUMENT...: runs it and compares the exit code.
run() {
	expected=$1
	shift
	timeout 20 "$handfast" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	code=$?
	[ $code = "$expected" ] || echo "exit code $code instead of $expected" >>"$dir/err"
	[ $code = "$expected" ]
}

# complains CODE LINE ARGUMENT...: nothing on stdout, and exactly this line on stderr.
complains() {
	expected_code=$1
	line=$2
	shift 2
	run "$expected_code" "$@" && [ ! -s "$dir/out" ] && [ "$(cat "$dir/err")" = "$line" ]
	tell $? "handfast $*: $line"
}

complains 64 "handfast: unknown command 'serv'; did you mean 'serve'? (see handfast help)" serv .
complains 64 "handfast: unknown command 'frobnicate' (see handfast help)" frobnicate
complains 64 "handfast: unknown option '--foo' (see handfast help)" --foo
complains 64 "handfast serve: unknown option '--foo' (see handfast serve --help)" serve --foo
complains 64 "handfast serve: unknown option '--lader'; did you mean '--ladder'? (see handfast serve --help)" \
	serve --lader .
complains 64 "handfast serve: DIR is missing: which directory is to be served? (see handfast serve --help)" serve
complains 64 "handfast serve: 'b' is one argument too many (see handfast serve --help)" serve a b
complains 64 "handfast serve: --port: '0' is not a port from 1 to 65535 (see handfast serve --help)" serve --port 0 .
complains 64 "handfast serve: -p needs a value: PORT (see handfast serve --help)" serve . -p
complains 64 "handfast serve: --address: '10.0.0.1' is not an address and prefix like 10.77.0.2/24 (see handfast serve --help)" \
	serve --address 10.0.0.1 .
complains 64 "handfast serve: --mtu: '100' is too small (see handfast serve --help)" serve --mtu 100 .
complains 64 "handfast serve: --syn-cookies: 'never' is not off, full or always" serve --syn-cookies never .
complains 64 "handfast serve: --stealth takes no value (see handfast serve --help)" serve --stealth=yes .
complains 64 "handfast serve: --ladder takes no value (see handfast serve --help)" serve --ladder=yes .
complains 64 "handfast connect: HOST and PORT are missing (see handfast connect --help)" connect
complains 64 "handfast connect: with --listen there is no HOST (see handfast connect --help)" connect -l 80 host
complains 64 "handfast connect: '65616' is not a port" connect 192.0.2.1 65616
complains 64 "handfast connect: --timeout: 'soon' is not a time like 300ms, 5s or 2m (see handfast connect --help)" \
	connect --timeout soon host 80
complains 64 "handfast drill: FILE is missing: which script, or directory of scripts, is to be run? (see handfast drill --help)" drill
complains 64 "handfast drill: --profile: 'bsd' is not linux, freebsd or rfc" drill --profile bsd x.pkt
complains 64 "handfast drill: --tap, --junit and --json exclude each other" \
	drill --tap --junit x.pkt
complains 64 "handfast help: there is no command 'x' (see handfast help)" help x
complains 64 "handfast demo: there are 10 scenes (see handfast demo --list)" demo --scene 11

if ! "$handfast" version | grep -q 'built without libmicrohttpd'; then
	complains 4 "handfast serve: cannot serve '$dir/none': No such file or directory" serve "$dir/none"
	touch "$dir/file"
	complains 4 "handfast serve: cannot serve '$dir/file': Not a directory" serve "$dir/file"
	mkdir -m 0 "$dir/shut"
	if [ "$(id -u)" != 0 ]; then
		complains 77 "handfast serve: cannot serve '$dir/shut': Permission denied" serve "$dir/shut"
	fi
fi
if ! "$handfast" version | grep -q 'built without libcurl'; then
	complains 64 "handfast get: 'ftp://127.0.0.1/' is not an http or https URL" get ftp://127.0.0.1/
	complains 64 "handfast get: the URL has no file name: use --output" get -O http://127.0.0.1/
	complains 4 "handfast get: cannot write to $dir/none/x: No such file or directory" \
		get -o "$dir/none/x" http://127.0.0.1/
fi

run 64 && [ ! -s "$dir/out" ] && grep -q '^Usage: ' "$dir/err"
tell $? "without a command the usage goes to stderr"
run 0 --help && grep -q '^Usage: ' "$dir/out" && [ ! -s "$dir/err" ]
tell $? "--help goes to stdout"
run 0 --version && grep -q '^handfast [0-9]' "$dir/out"
tell $? "--version tells the version"
for command in demo serve get connect help version; do
	run 0 $command --help && grep -q "^Usage: handfast $command" "$dir/out" && [ ! -s "$dir/err" ] &&
		[ "$(awk 'length > 80' "$dir/out" | wc -l)" = 0 ]
	tell $? "$command --help fits 80 columns"
	"$handfast" $command -h >"$dir/short" && cmp -s "$dir/out" "$dir/short" &&
		"$handfast" help $command >"$dir/short" && cmp -s "$dir/out" "$dir/short"
	tell $? "$command: --help, -h and help $command say the same"
done

run 0 help --man
for option in port listen output scene ladder pcap; do
	grep -qF "\\-\\-$option" "$dir/out"
	tell $? "the manual has --$option"
done
if command -v groff >/dev/null; then
	groff -man -Tutf8 -ww "$dir/out" 2>"$dir/err" >/dev/null && [ ! -s "$dir/err" ]
	tell $? "groff finds nothing wrong with the manual"
else
	tell 0 "groff finds nothing wrong with the manual # SKIP groff is not installed"
fi
[ "$(grep -c '^\.SH OPTIONS ON THE WIRE' "$dir/out")" = 1 ]
tell $? "the manual prints shared options once"

# offer WORD...: what bash offers for the last word.
offer() {
	bash -c '
		source "$1"
		shift
		compopt() { :; }
		COMP_WORDS=(handfast "$@")
		COMP_CWORD=$#
		_handfast
		echo "${COMPREPLY[*]}"' bash "$dir/completion" "$@" 2>"$dir/err" >"$dir/out"
	cat "$dir/out"
}
if command -v bash >/dev/null; then
	"$handfast" help --bash >"$dir/completion"
	[ "$(offer ser)" = serve ]
	tell $? "bash completes a command"
	[ "$(offer serve --lad)" = --ladder ]
	tell $? "bash completes an option"
	[ "$(offer help vers)" = version ]
	tell $? "bash completes the command that help is asked for"
	[ "$(offer serve --port 8)" = "" ]
	tell $? "bash offers nothing for a port"
else
	tell 0 "bash completes commands # SKIP bash is not installed"
fi

printf '#ifdef SYM\n0 close(SYM) = -1 EBADF\n#endif\n+0 `true`\n' >"$dir/good.pkt"
run 0 drill -D SYM=7 --option tolerance_usecs=1 "$dir/good.pkt"
tell $? "a drill that passes"
printf '0 close(3) = 0\n' >"$dir/bad.pkt"
run 1 drill "$dir/bad.pkt" && grep -q 'bad.pkt:1:1: close: expected 0, got -1 EBADF' "$dir/out"
tell $? "a drill that fails says where"
run 4 drill "$dir/none.pkt"
tell $? "a drill that is not there"

if [ -c /dev/full ]; then
	"$handfast" help >/dev/full 2>"$dir/err"
	[ $? = 4 ] && [ "$(cat "$dir/err")" = \
		"handfast help: cannot write to the standard output: No space left on device" ]
	tell $? "a full disk is told"
fi
# Descriptor 4 is a pipe whose reader is gone.
mkfifo "$dir/pipe"
exec 3<>"$dir/pipe" 4>"$dir/pipe" 3>&-
"$handfast" help >&4 2>"$dir/err"
[ $? = 4 ] && [ "$(cat "$dir/err")" = "handfast help: cannot write to the standard output: Broken pipe" ]
tell $? "a broken pipe is told"

echo "1..$count"
exit $bad
