# SPDX-License-Identifier: BSD-2-Clause
# `handfast connect` against programs on the kernel's TCP: large uploads both ways, half-closed connections.
here=$(dirname "$0")
. "$here/lib.sh"
needs openssl openssl ss iproute2 nc netcat-openbsd

large_dir
took=0
spent=0
PART=$((LARGE / 4))
octets 2 $LARGE >"$shm/large"
octets 3 $PART >"$shm/part"
expected=$(sha "$shm/large")
expected_part=$(sha "$shm/part")

# connect FILE ARGUMENT...: `handfast connect` with the file as its input; $took and $spent measure it.
connect() {
	from=$1
	shift
	began=$(now_ms)
	"$HANDFAST" connect --netns "$ns" "$@" <"$shm/$from" >"$dir/upload.out" 2>"$dir/upload.err" &
	started="$started $!"
	within $PATIENCE is_gone_or_sampled $!
	ended $!
	took=$(($(now_ms) - began))
	same "exit status" 0 "$code" || { cat "$dir/upload.err"; return 1; }
}

# upload FILE DIGEST ADDRESS OPTION...
upload() {
	file=$1
	digest=$2
	to=$3
	shift 3
	start_in_ns listener python3 "$here/listener.py" 9000
	listener=$pid
	within $PATIENCE listening 9000 && connect "$file" "$@" "$to" 9000 &&
		ended "$listener" && same "digest in the listener's answer" "$digest" "$(cat "$dir/upload.out")"
}

# receive FAMILY ADDRESS ANSWER: `handfast connect --listen` takes what nc sends, and answers with another file at
# the same time. (nc is the one that opens: one that listens goes away when the other side has closed its half.)
receive() {
	mkfifo "$dir/pipe"
	sha <"$dir/pipe" >"$dir/received" &
	reader=$!
	"$HANDFAST" connect --netns "$ns" --listen 9002 <"$3" >"$dir/pipe" 2>"$dir/listen.err" &
	server=$!
	started="$started $reader $server"
	within $PATIENCE grep -qs listening "$dir/listen.err" || return
	began=$(now_ms)
	in_ns nc "$1" -N "$2" 9002 <"$shm/part" | sha >"$dir/answered"
	within $PATIENCE is_gone_or_sampled "$server"
	ended "$server"
	took=$(($(now_ms) - began))
	status=$code
	ended "$reader"
	rm "$dir/pipe"
	same "exit status" 0 "$status" && same "digest at Handfast" "$expected_part" "$(cat "$dir/received")" &&
		same "digest at nc" "$(sha "$3")" "$(cat "$dir/answered")" || { cat "$dir/listen.err"; false; }
}

size="$((LARGE >> 20)) MiB"
it "$size arrive at a listener over IPv4, and its answer comes back on the half-closed connection" \
	upload large "$expected" $KERNEL4
figure "to $KERNEL4" $LARGE "$took" "$spent"
it "$size arrive at a listener over IPv6, and its answer comes back on the half-closed connection" \
	upload large "$expected" $KERNEL6
figure "to $KERNEL6" $LARGE "$took" "$spent"
rm "$shm/large"
size="$((PART >> 20)) MiB"
it "$size arrive at a listener without offloads, and its answer comes back" \
	upload part "$expected_part" $KERNEL4 --no-offload
figure "to $KERNEL4, no-offload" $PART "$took" "$spent"
echo "and the answer" >"$dir/answer"
it "handfast connect --listen takes $size from nc over IPv4, and nc gets the answer" receive -4 $V4 "$dir/answer"
figure "at $V4" $PART "$took" "$spent"
it "handfast connect --listen takes $size from nc over IPv6, and nc gets the answer" receive -6 $V6 "$dir/answer"
figure "at $V6" $PART "$took" "$spent"
it "$size travel each way at the same time" receive -4 $V4 "$shm/part"
figure "each way" $PART "$took" "$spent"
it "no device is left" has_no_tun
finish
