# SPDX-License-Identifier: BSD-2-Clause
# nmap's scans of `handfast serve`: no state is left behind, and the server serves on. The attack "Scan side effects".
. "$(dirname "$0")/lib.sh"
needs curl curl nmap nmap

mkdir "$dir/www"
printf 'Hello from a TCP in user space.\n' >"$dir/www/page.txt"
PORTS=1-120,49152-49161

gets_page() {
	fetch -o "$dir/got" "http://$1/page.txt" && cmp "$dir/www/page.txt" "$dir/got"
}

# scan FAMILY ADDRESS OPTION...: output in $dir/scan.
scan() {
	_family=$1
	_address=$2
	shift 2
	# shellcheck disable=SC2086 # no word at all for IPv4
	in_ns nmap $_family -n -Pn -p $PORTS --max-retries 2 -T5 "$@" "$_address" >"$dir/scan" 2>&1 ||
		{ cat "$dir/scan"; false; }
}

finds() {
	grep -q "$1" "$dir/scan" || { cat "$dir/scan"; false; }
}

# scans WHAT FAMILY ADDRESS OPTION...: the scan ends, and says this of some port.
scans() {
	_what=$1
	shift
	scan "$@" && finds "$_what"
}

# nothing is there that a scan could have left; --stats tells what the server holds.
is_empty() {
	ask_stats "$pid" "$dir/server.err" &&
		same "half-open records" 0 "$(stat_of "$dir/server.err" half-open)" &&
		same "TIME-WAIT records" 0 "$(stat_of "$dir/server.err" time-wait)" &&
		same "connections" 0 "$(stat_of "$dir/server.err" connections)"
}
becomes_empty() {
	within $PATIENCE is_empty
}

it "handfast serve starts" serve server --stats "$dir/www"
it "at first it holds nothing" is_empty
before=$(stat_of "$dir/server.err" memory-octets)
for family in -4 -6; do
	host=$V4
	url=$V4
	[ $family = -4 ] || { host=$V6; url="[$V6]"; }
	it "SYNs find the open port ($family)" scans '^80/tcp *open ' $family "$host" -sS
	it "ACKs find none filtered ($family)" scans unfiltered $family "$host" -sA
	it "FINs find the port that keeps quiet ($family)" scans 'open|filtered' $family "$host" -sF
	it "FIN, PSH and URG do as well ($family)" scans 'open|filtered' $family "$host" -sX
	it "and so do no flags at all ($family)" scans 'open|filtered' $family "$host" -sN
	it "guessing the system ends ($family)" scans '^80/tcp *open ' $family "$host" -O
	it "no record is left ($family)" becomes_empty
	it "the server still serves ($family)" gets_page "$url"
done
it "handfast serve ends in order" stop "$pid"
it "its exit status is that of an end that was asked for" same "exit status" 0 "$code"
note "memory: $before octets before, $(stat_of "$dir/server.err" memory-octets) after"
finish
