# SPDX-License-Identifier: BSD-2-Clause
# Signed connections with the kernel's TCP: the MD5 option, and TCP-AO where the kernel has it.
here=$(dirname "$0")
. "$here/lib.sh"
needs ss iproute2 openssl openssl python3 python3

large_dir
SIZE=$((LARGE / 64))
octets 2 $SIZE >"$shm/file"
expected=$(sha "$shm/file")

# key_file NAME SECRET: keys for both of the kernel's addresses, for the two kinds.
key_file() {
	printf 'peer=%s secret=%s\n' $KERNEL4 "$2" $KERNEL6 "$2" >"$dir/$1.md5"
	printf 'peer=%s send=200 receive=100 secret=%s\n' $KERNEL4 "$2" $KERNEL6 "$2" >"$dir/$1.ao"
	chmod 600 "$dir/$1.md5" "$dir/$1.ao"
}

# to_kernel KIND OURS KERNEL: handfast connect to a listener of the kernel's.
to_kernel() {
	start_in_ns listener python3 "$here/signed.py" "$1" secret listen "$2" 9000
	listener=$pid
	within $PATIENCE listening 9000 || return
	"$HANDFAST" connect --netns "$ns" --$1-key-file "$dir/right.$1" --stats "$3" 9000 \
		<"$shm/file" >"$dir/answer" 2>"$dir/connect.err" &
	started="$started $!"
	ended $! || return
	same "exit status" 0 "$code" && ended "$listener" &&
		same "digest in the kernel's answer" "$expected" "$(cat "$dir/answer")" || { cat "$dir/connect.err"; false; }
}

# from_kernel KIND OURS: the kernel opens, handfast connect --listen takes what it sends and answers.
from_kernel() {
	"$HANDFAST" connect --netns "$ns" --$1-key-file "$dir/right.$1" --listen 9002 \
		<"$shm/file" >"$dir/received" 2>"$dir/listen.err" &
	server=$!
	started="$started $server"
	within $PATIENCE grep -qs listening "$dir/listen.err" || return
	in_ns python3 "$here/signed.py" "$1" secret connect "$2" 9002 <"$shm/file" >"$dir/answer"
	ended "$server"
	same "exit status" 0 "$code" && same "digest at Handfast" "$expected" "$(sha "$dir/received")" &&
		same "digest at the kernel" "$expected" "$(sha "$dir/answer")" || { cat "$dir/listen.err"; false; }
}

# stays_silent KIND: with another secret, neither end hears the other.
stays_silent() {
	start_in_ns listener python3 "$here/signed.py" "$1" secret listen $V4 9001
	listener=$pid
	within $PATIENCE listening 9001 || return
	"$HANDFAST" connect --netns "$ns" --$1-key-file "$dir/wrong.$1" --timeout 2s --json="$dir/json" $KERNEL4 9001 \
		</dev/null >/dev/null 2>"$dir/connect.err" &
	started="$started $!"
	ended $!
	kill "$listener"
	same "exit status" 2 "$code" && grep -q 'no answer within' "$dir/connect.err"
}

# hears_nothing KIND WORD: the kernel signs with another secret; Handfast drops it and names it.
hears_nothing() {
	"$HANDFAST" connect --netns "$ns" --$1-key-file "$dir/wrong.$1" --listen 9003 --trace \
		</dev/null >/dev/null 2>"$dir/listen.err" &
	server=$!
	started="$started $server"
	within $PATIENCE grep -qs listening "$dir/listen.err" || return
	in_ns timeout 3 python3 "$here/signed.py" "$1" secret connect $V4 9003 </dev/null
	same "the kernel's end" 124 $?
	kill -INT "$server"
	ended "$server"
	grep -q "$2" "$dir/listen.err" || { cat "$dir/listen.err"; false; }
}

key_file right secret
key_file wrong secrex
for kind in md5 ao; do
	[ $kind = md5 ] && word=md5-wrong || word=ao-mac-wrong
	if ! in_ns python3 "$here/signed.py" $kind secret probe $V4 0; then
		skip "signed connections by $kind with the kernel" "this kernel has no such option"
		continue
	fi
	it "$kind: a file goes to the kernel over IPv4, and its answer comes back" to_kernel $kind $V4 $KERNEL4
	it "$kind: a file goes to the kernel over IPv6, and its answer comes back" to_kernel $kind $V6 $KERNEL6
	it "$kind: the kernel opens over IPv4, and a file goes each way" from_kernel $kind $V4
	it "$kind: the kernel opens over IPv6, and a file goes each way" from_kernel $kind $V6
	it "$kind: with another secret the kernel stays silent" stays_silent $kind
	it "$kind: what the kernel signs with another secret is dropped by name" hears_nothing $kind $word
done

# refuses TEXT LINE: a file that makes no sense ends the command before it does anything.
refuses() {
	echo "$2" >"$dir/bad"
	chmod 600 "$dir/bad"
	"$HANDFAST" connect --netns "$ns" --ao-key-file "$dir/bad" $KERNEL4 9 </dev/null >"$dir/bad.out" 2>&1
	same "exit status" 64 $? && grep -q "$1" "$dir/bad.out" || { cat "$dir/bad.out"; false; }
}
it "a key file without a secret is refused" refuses "line 1: one of secret=" "peer=any send=1 receive=2"
it "a key file with an unknown word is refused" refuses "a word is not known" "peer=any sent=1"
it "a key file with an unknown algorithm is refused" refuses "algorithm is not known" "peer=any algorithm=rot13"
it "an empty key file is refused" refuses "no key in it" "# nothing"
chmod 644 "$dir/right.ao"
it "a key file that others can read is refused" sh -c "
	\"\$0\" connect --netns $ns --ao-key-file $dir/right.ao $KERNEL4 9 </dev/null 2>&1 | grep 'others may read'" "$HANDFAST"
finish
