# SPDX-License-Identifier: BSD-2-Clause
# `handfast demo` as an ordinary user: in a namespace that it makes itself, or with a plain word on why not.
. "$(dirname "$0")/lib.sh"
needs setpriv util-linux unshare util-linux curl curl

NOBODY="setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all"
cp "$HANDFAST" "$dir/handfast"

# demo SETUP: after the setup, which happens in a mount namespace that ends with it.
demo() {
	HOME=/nonexistent TMPDIR=/tmp unshare --mount \
		sh -c "$1; exec timeout -k 5 $((2 * PATIENCE)) $NOBODY \"\$0\" demo" "$dir/handfast" \
		</dev/null >"$dir/demo.out" 2>"$dir/demo.err"
	code=$?
	tail -n 5 "$dir/demo.out"
	same "exit status" 0 $code && grep -q ' 0 failed\.$' "$dir/demo.out" && same "stderr" "" "$(cat "$dir/demo.err")"
}

# As most distributions have it: everybody may open the device, but use it only in a namespace of one's own.
OPEN='mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200'
CLOSED='mount -t tmpfs none /dev/net && mknod -m 600 /dev/net/tun c 10 200'

it "the demo runs where everybody may open /dev/net/tun" demo "$OPEN"
if [ "$held" = 0 ] && grep -q '^Skipped:' "$dir/demo.out"; then
	skip "its last scene is on real packets" "$(sed -n 's/^Skipped: //p' "$dir/demo.out")"
else
	it "its last scene is on real packets" grep -q ' 0 skipped, 0 failed\.$' "$dir/demo.out"
fi
it "the demo runs where only root may open /dev/net/tun" demo "$CLOSED"
it "it says what it skipped, and why" grep -q '^Skipped: .*/dev/net/tun: Permission denied' "$dir/demo.out"
it "the demo runs where there is no /dev/net/tun" demo 'mount -t tmpfs none /dev/net'
it "it says what it skipped, and why" grep -q '^Skipped: .*/dev/net/tun: No such file' "$dir/demo.out"

left() {
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/exe")" = "$dir/handfast" ] && echo "$process"
	done
	find /tmp -maxdepth 1 -user 65534 -name 'handfast-*'
}
it "nothing of it is left" same "processes and directories" "" "$(left 2>/dev/null)"
finish
