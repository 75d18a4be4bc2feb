# SPDX-License-Identifier: BSD-2-Clause
# tshark reads what --pcap wrote: a clean transfer has no anomaly, every verdict is a comment on its packet.
. "$(dirname "$0")/lib.sh"
needs curl curl openssl openssl tshark tshark capinfos wireshark-common nft nftables

mkdir "$dir/www"
printf 'a page\n' >"$dir/www/page.txt"
octets 6 $((16 << 20)) >"$dir/www/file"
[ "${HF_SANITIZED:-}" ] && truncate -s 4M "$dir/www/file"

# analyse: everything that the cases ask of a capture, a line for each packet; checksums are verified.
FIELDS="frame.number ip.version tcp.stream tcp.srcport tcp.dstport tcp.flags tcp.len tcp.completeness
	tcp.analysis.flags tcp.analysis.window_update tcp.analysis.window_full tcp.analysis.zero_window
	tcp.analysis.zero_window_probe tcp.analysis.zero_window_probe_ack tcp.checksum.status
	ip.checksum.status icmpv6.checksum.status _ws.malformed _ws.expert.message frame.comment"
analyse() {
	fields=
	for field in $FIELDS; do
		fields="$fields -e $field"
	done
	# shellcheck disable=SC2086 # the fields are words
	HOME=$dir tshark -n -r "$dir/cap.pcapng" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-T fields -E occurrence=a -E aggregator=';' -E separator='|' $fields >"$dir/packets" 2>"$dir/tshark.err" || {
		cat "$dir/tshark.err"
		return 1
	}
}

# packets CONDITION: those for which it holds; a field's name stands for its value, with _ for dots.
packets() {
	names=$(echo $FIELDS | tr . _)
	awk -F '|' -v names="$names" "
		BEGIN { split(names, name, \" \") }
		{ for (i in name) f[name[i]] = \$i }
		$(echo "$1" | sed 's/@\([a-z_0-9]*\)/f["\1"]/g') { print }" "$dir/packets"
}

# none CONDITION
none() {
	packets "$1" >"$dir/found"
	[ ! -s "$dir/found" ] || { head -n 20 "$dir/found"; false; }
}

downloads() {
	for host in $V4 "[$V6]"; do
		fetch -o "$dir/got" "http://$host/page.txt" && cmp "$dir/got" "$dir/www/page.txt" &&
			fetch -o "$dir/got" "http://$host/file" && cmp "$dir/got" "$dir/www/file" || return
	done
}

# Wireshark also remarks on windows that close and open. That is flow control: a reader who is busy causes it.
has_no_anomaly() {
	none '@tcp_analysis_flags != "" && @tcp_analysis_window_update @tcp_analysis_window_full @tcp_analysis_zero_window \
		@tcp_analysis_zero_window_probe @tcp_analysis_zero_window_probe_ack == ""'
}

# Every checksum of TCP was verified (1), and no other is wrong (0). The kernel writes 0xffff for TCP's 0x0000 where
# it computes the sum itself, as UDP has to: the same number, but tshark has a word for it. Handfast must not.
checksums_are_right() {
	none '(@tcp_stream != "" && @tcp_checksum_status != 1 || @ip_checksum_status == "0" || @icmpv6_checksum_status == "0") &&
		!(@tcp_dstport == 80 && @_ws_expert_message ~ /Checksum 0xffff instead of 0x0000/)'
}

# SYN, SYN-ACK, ACK, data and FIN are there, and no reset: 1 + 2 + 4 + 8 + 16.
is_complete() {
	packets '@tcp_stream != ""' | awk -F '|' '{ last[$3] = $8 } END { for (s in last) print s, last[s] }' |
		sort | tr '\n' ' ' >"$dir/found"
	same "streams and their completeness" "0 31 1 31 2 31 3 31 " "$(cat "$dir/found")"
}

counts_agree() {
	ours=$(($(stat_of "$dir/server.err" packets-in) + $(stat_of "$dir/server.err" packets-out)))
	same "packets by capinfos" "$ours" "$(capinfos -T -r -c -M "$dir/cap.pcapng" | cut -f 2)" &&
		same "packets by tshark" "$ours" "$(wc -l <"$dir/packets")"
}

# has_comment CONDITION WORD: a packet for which it holds carries a comment with the word.
has_comment() {
	packets "$1" | grep -q -- "$2|*" || { packets "$1" | head -n 20; false; }
}

for mode in offload no-offload; do
	option=
	[ $mode = offload ] || option=--no-offload
	# shellcheck disable=SC2086 # no word at all if it is empty
	it "handfast serve records ($mode)" serve server --stats --pcap "$dir/cap.pcapng" $option "$dir/www"
	# What a TUN is given the kernel takes in on the processor of the writer: one that moves overtakes itself.
	taskset -pc "$(taskset -pc "$pid" | sed 's/.*: //; s/[-,].*//')" "$pid" >"$dir/taskset.out"
	it "a page and 16 MiB are right over IPv4 and IPv6 ($mode)" downloads
	stop "$pid"
	it "the server ends in order ($mode)" same "exit status" 0 "$code"
	it "tshark reads the capture ($mode)" analyse
	it "tshark and capinfos find as many packets as were counted ($mode)" counts_agree
	it "tshark's analysis of TCP finds no anomaly ($mode)" has_no_anomaly
	it "tshark finds no wrong checksum ($mode)" checksums_are_right
	it "tshark finds nothing malformed ($mode)" none '@_ws_malformed != ""'
	it "tshark calls all four conversations complete ($mode)" is_complete
	it "leaving packets say why they are sent ($mode)" has_comment '@tcp_flags == "0x0012"' syn-ack
done

# Now not all is clean: a port that nobody listens on, and a SYN whose checksum was spoilt on the way.
it "handfast serve records once more" serve server --no-offload --pcap "$dir/cap.pcapng" "$dir/www"
fetch "http://$V4:81/" >/dev/null 2>&1
in_ns nft 'add table inet spoil; add chain inet spoil out { type filter hook output priority 0; };
	add rule inet spoil out tcp dport 80 tcp flags syn limit rate 1/hour burst 1 packets tcp checksum set 1'
it "a page arrives though the first SYN was spoilt" fetch -o "$dir/got" "http://$V4/page.txt"
stop "$pid"
it "tshark reads the capture" analyse
it "the SYN to a closed port has its reason as a comment" has_comment '@tcp_dstport == 81' no-listener
it "the spoilt SYN has its reason as a comment" has_comment \
	'@tcp_dstport == 80 && @tcp_checksum_status == 0' tcp-checksum
it "the SYN that was sent again has not" none \
	'@tcp_dstport == 80 && @tcp_checksum_status == 1 && @frame_comment ~ /tcp-checksum/'
finish
