# SPDX-License-Identifier: BSD-2-Clause
# What goes wrong on a machine: one clear line on stderr, the documented exit status, and nothing left behind.
. "$(dirname "$0")/lib.sh"
needs curl curl openssl openssl ss iproute2 setpriv util-linux unshare util-linux

mkdir "$dir/www" "$dir/here" "$dir/full"
chmod 777 "$dir/here"
# A copy that every user may run.
cp "$HANDFAST" "$dir/handfast"
octets 8 $((4 << 20)) >"$dir/www/file"
truncate -s 8G "$dir/www/endless"
NOBODY="setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all"

# fails CODE TEXT COMMAND...: exit status, one line on stderr that contains the text, no device.
fails() {
	_code=$1
	_text=$2
	shift 2
	timeout -k 5 $PATIENCE "$@" </dev/null >"$dir/stdout" 2>"$dir/stderr"
	failed_as "$_code" "$_text" $? "$dir/stderr"
}

# failed_as CODE TEXT STATUS FILE
failed_as() {
	cat "$4"
	same "exit status" "$1" "$3" && same "lines on stderr" 1 "$(wc -l <"$4")" &&
		same "lines of the command" 1 "$(grep -c '^handfast' "$4")" &&
		grep -q -- "$2" "$4" && leaves_nothing
}

leaves_nothing() {
	same "files left" "" "$(ls -A "$dir/here")" && { has_no_tun || { ip -n "$ns" link; false; }; }
}

# ---- Before anything runs ----

for command in "serve $dir/www" "get http://$KERNEL4/" "connect $KERNEL4 9" "connect --listen 9"; do
	named="handfast $(echo "$command" | sed "s,$dir/,,")"
	# shellcheck disable=SC2086 # the command and the switch of user are words
	it "without the right to make a device: $named" \
		fails 77 /dev/net/tun\\\|CAP_NET_ADMIN $NOBODY "$dir/handfast" $command
	# shellcheck disable=SC2086
	it "without the device /dev/net/tun: $named" \
		fails 4 "cannot open /dev/net/tun" unshare --mount \
		sh -c 'mount -t tmpfs none /dev/net && exec "$0" "$@"' "$HANDFAST" $command
	# shellcheck disable=SC2086
	it "a namespace that is not there: $named" \
		fails 4 "namespace /run/netns/$ns-missing" "$HANDFAST" $command --netns "$ns-missing"
done
it "no right even where the device may be opened" fails 77 CAP_NET_ADMIN unshare --mount \
	sh -c "mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec $NOBODY"' "$0" "$@"' \
	"$dir/handfast" serve "$dir/www"
for address in 10.77.0.256/24 10.77.0.2 10.77.0.2/33 224.0.0.1/24 127.0.0.1/8 10.77.0.255/24 fd77::2/129 ff02::1/64; do
	it "the address $address" fails 64 "$address" "$HANDFAST" serve --netns "$ns" --address "$address" "$dir/www"
done
it "a host that is not one" fails 2 "no-such-host.invalid" "$HANDFAST" get --netns "$ns" http://no-such-host.invalid/
it "a directory that is not there" fails 4 "$dir/nowhere" "$HANDFAST" serve --netns "$ns" "$dir/nowhere"
it "a file instead of a directory" fails 4 "$dir/www/file" "$HANDFAST" serve --netns "$ns" "$dir/www/file"
mkdir -m 0 "$dir/closed"
# shellcheck disable=SC2086
it "a directory that may not be read" fails 77 "$dir/closed" $NOBODY "$dir/handfast" serve "$dir/closed"
it "an output in a directory that is not there" fails 4 "$dir/nowhere/x" \
	"$HANDFAST" get --netns "$ns" -o "$dir/nowhere/x" "http://$KERNEL4/"
it "an output where nobody may write" fails 4 "$dir/closed/x: Read-only" unshare --mount \
	sh -c 'mount -t tmpfs -o ro none "${5%/*}" && exec "$0" "$@"' "$HANDFAST" \
	get --netns "$ns" -o "$dir/closed/x" "http://$KERNEL4/"
it "a capture in a directory that is not there" fails 4 "$dir/nowhere/x" \
	"$HANDFAST" serve --netns "$ns" --pcap "$dir/nowhere/x" "$dir/www"

# ---- While another one runs ----

# The server for this is Handfast too: one of the two is always the kernel's neighbour.
it "a server starts" serve server --tun hf-taken "$dir/www"
server=$pid
name_is_taken() {
	"$HANDFAST" connect --netns "$ns" --tun hf-taken --listen 9 </dev/null >"$dir/stdout" 2>"$dir/stderr"
	code=$?
	cat "$dir/stderr"
	same "exit status" 4 $code && same "lines on stderr" 1 "$(wc -l <"$dir/stderr")" && grep -q hf-taken "$dir/stderr" &&
		fetch -o "$dir/got" "http://$V4/file" && cmp "$dir/got" "$dir/www/file"
}
it "a device's name that is taken; the one that has it goes on" name_is_taken

device_is_taken_away() {
	ip -n "$ns" link delete hf-taken
	ended "$server"
	tail -n 1 "$dir/server.err" >"$dir/stderr"
	failed_as 4 "hf-taken is gone" "$code" "$dir/stderr"
}
it "a device that is taken away from a running server" device_is_taken_away

# ---- In the middle of a transfer ----

# A server on the kernel's side, whose file does not end: what is sent does not matter here.
cat >"$dir/endless.py" <<'END'
import http.server, socket, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(65536))
        except OSError:
            pass
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(("", 80), Answer).serve_forever()
END
start_in_ns endless python3 "$dir/endless.py"
endless=$pid
it "a server on the kernel's side listens" within $PATIENCE listening 80
GET="$HANDFAST get --netns $ns"

breaks_pipe() {
	# shellcheck disable=SC2086
	{ $GET "http://$KERNEL4/" 2>"$dir/stderr"; echo $? >"$dir/status"; } | head -c 1 >"$dir/stdout"
	failed_as 4 "standard output: Broken pipe" "$(cat "$dir/status")" "$dir/stderr"
}
it "a pipe whose reader has gone: handfast get" breaks_pipe

if mount -t tmpfs -o size=256k none "$dir/full" 2>/dev/null; then
	mounted=$dir/full
	full_at_get() {
		# shellcheck disable=SC2086
		fails 4 "$dir/full/x: No space left" $GET -o "$dir/full/x" "http://$KERNEL4/" &&
			same "files left" "" "$(ls -A "$dir/full")"
	}
	it "a full disk: handfast get -o" full_at_get
	full_at_capture() {
		serve recorder --pcap "$dir/full/x" "$dir/www" || return
		fetch -o "$dir/got" "http://$V4/file" && cmp "$dir/got" "$dir/www/file" || return
		stop "$pid"
		grep -v -e ' is at http:' -e "^$KERNEL4" "$dir/recorder.err" >"$dir/stderr"
		failed_as 4 "No space left" "$code" "$dir/stderr"
	}
	it "a full disk: handfast serve --pcap goes on serving, and says so once" full_at_capture
	umount "$dir/full"
	mounted=
else
	skip "a full disk" "may not mount a tmpfs"
fi

full_at_connect() {
	"$HANDFAST" connect --netns "$ns" "$KERNEL4" 80 <"$dir/request" >/dev/full 2>"$dir/stderr"
	code=$?
	failed_as 4 "standard output: No space left" $code "$dir/stderr"
}
printf 'GET / HTTP/1.0\r\n\r\n' >"$dir/request"
it "an output that takes nothing: handfast connect" full_at_connect

# interrupted NAME SIGNAL CODE: while it runs, the signal; at most a line, and nothing left.
interrupted() {
	stop "$pid" "$2"
	cat "$dir/$1.err"
	same "exit status" "$3" "$code" && same "devices and files" "" "$(ls -A "$dir/here")" && has_no_tun &&
		[ "$(grep -vc -e ' is at http:' -e "^$KERNEL4" -e ' listening on ' "$dir/$1.err")" -le 1 ]
}
grows() {
	[ "$(find "$dir/here" -type f -size +100k)" ]
}
is_begun() {
	[ "$(ls -A "$dir/here")" ]
}
for signal in INT TERM; do
	interrupted_get() {
		start getter "$HANDFAST" get --netns "$ns" -o "$dir/here/x" "http://$KERNEL4/"
		within $PATIENCE grows && interrupted getter $signal 130
	}
	it "SIG$signal in the middle of handfast get" interrupted_get
	interrupted_serve() {
		serve interrupted "$dir/www" || return
		server=$pid
		start_in_ns client curl -q -sS --noproxy '*' -o "$dir/client.got" --limit-rate 50M "http://$V4/endless"
		client=$pid
		within $PATIENCE test -s "$dir/client.got" || return
		pid=$server
		interrupted interrupted $signal 0 && ended "$client" && same "exit status of curl" 1 "$((code != 0))"
	}
	it "SIG$signal in the middle of handfast serve; the client is told" interrupted_serve
	interrupted_connect() {
		start talker "$HANDFAST" connect --netns "$ns" --listen 9
		within $PATIENCE grep -q listening "$dir/talker.err" && interrupted talker $signal 130
	}
	it "SIG$signal while handfast connect waits" interrupted_connect
	interrupted_dial() {
		start dialler "$HANDFAST" get --netns "$ns" -o "$dir/here/x" "http://10.77.0.99/"
		within $PATIENCE is_begun && interrupted dialler $signal 130
	}
	it "SIG$signal while handfast get waits for an answer" interrupted_dial
done

killed() {
	serve killed "$dir/www" && stop "$pid" KILL
	within $PATIENCE has_no_tun
}
it "even when it is killed its device goes" killed
it "nothing is left in the end" leaves_nothing
stop "$endless"
finish
