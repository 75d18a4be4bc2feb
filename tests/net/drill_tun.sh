# SPDX-License-Identifier: BSD-2-Clause
# `handfast drill --tun`: scripts on the kernel's TCP, in namespaces that the command makes and leaves.
. "$(dirname "$0")/lib.sh"

here=$(dirname "$0")/../drill

# agrees SCRIPT: both the stack and the kernel do what the script says.
agrees() {
	"$HANDFAST" drill --tun "$here/$1" >"$dir/out" 2>&1
	code=$?
	cat "$dir/out"
	same "exit status" 0 $code && grep -q ': Linux agrees$' "$dir/out"
}

# ends_with TEXT STATUS OPTION...: the last line of the report.
ends_with() {
	_text=$1
	_code=$2
	shift 2
	"$HANDFAST" drill --tun "$@" >"$dir/out" 2>&1
	code=$?
	cat "$dir/out"
	same "exit status" "$_code" $code && same "the last line" "$_text" "$(tail -n 1 "$dir/out")"
}

cat >"$dir/differs.pkt" <<'END'
+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 65535 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 65535
+0 accept(3, ..., ...) = 4
+0 %{ assert tcpi_options == TCPI_OPT_SACK }%
END
printf '%s\n' '+0 `sysctl -q net.inet.tcp.blackhole=1`' '+0 close(3) = -1 EBADF' >"$dir/untried.pkt"
cat >"$dir/late.pkt" <<'END'
+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0...0.5 connect(3, ..., ...) = 0
+0 > S 0:0(0) <...>
+.1 < S. 0:0(0) ack 1 win 65535 <mss 1000>
+0 > . 1:1(0) ack 1
END

# One object a script, with the line where it differs.
tells_machines() {
	"$HANDFAST" drill --tun --json "$dir/differs.pkt" >"$dir/out"
	code=$?
	cat "$dir/out"
	same "exit status" 1 $code && same "lines" 1 "$(wc -l <"$dir/out")" &&
		grep -q '"linux":{"end":"differs","line":8,"column":1,"text":"tcpi_options == ' "$dir/out"
}

leaves_nothing() {
	same "devices outside" "$before" "$(ip -o link show type tun)"
}

before=$(ip -o link show type tun)
for script in open/active_refused open/passive data/blocking_read close/passive reset/in_window sockets/reconnect; do
	it "the kernel agrees with $script" agrees "$script.pkt"
done
it "several scripts run at the same time, each in its own namespace" \
	ends_with "Linux: 6 agree, 0 differ, 0 not tried" 0 -j6 "$here/open/passive.pkt" "$here/open/passive.pkt" \
	"$here/open/passive.pkt" "$here/open/passive_only_sack.pkt" "$here/open/passive_only_scale.pkt" \
	"$here/open/passive_only_stamps.pkt"
it "a difference is a failure" ends_with "Linux: 0 agree, 1 differ, 0 not tried" 1 "$dir/differs.pkt"
it "a call that returns too early is a difference" ends_with "Linux: 0 agree, 1 differ, 0 not tried" 1 "$dir/late.pkt"
it "it is told line by line to other programs" tells_machines
it "a setting that the kernel has not is said" ends_with "Linux: 0 agree, 0 differ, 1 not tried" 1 "$dir/untried.pkt"
it "a script that takes too long is not run" \
	ends_with "Linux: 0 agree, 0 differ, 1 not tried" 1 --longest 1s "$here/open/syn_timeout.pkt"
it "it leaves nothing" leaves_nothing
finish
