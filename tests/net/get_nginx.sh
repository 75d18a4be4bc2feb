# SPDX-License-Identifier: BSD-2-Clause
# `handfast get` from a real nginx on the kernel's TCP: pages, a large file, https, and what can go wrong.
. "$(dirname "$0")/lib.sh"
needs nginx nginx-light openssl openssl ss iproute2 nft nftables

large_dir
took=0
spent=0
mkdir "$dir/www" "$dir/here"
chmod 711 "$shm"
printf 'a page of nginx\n' >"$dir/www/page.txt"
mkdir "$shm/big"
octets 4 $LARGE >"$shm/big/large"
expected=$(sha "$shm/big/large")
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 2 \
	-subj /CN=handfast.test -addext "subjectAltName=IP:$KERNEL4,IP:$KERNEL6" 2>"$dir/openssl.err"
cat >"$dir/nginx.conf" <<END
daemon off;
master_process off;
pid $dir/nginx.pid;
error_log $dir/nginx.log;
events { }
http {
	access_log off;
	sendfile on;
	client_body_temp_path $dir/t1;
	proxy_temp_path $dir/t2;
	fastcgi_temp_path $dir/t3;
	uwsgi_temp_path $dir/t4;
	scgi_temp_path $dir/t5;
	server {
		listen 80;
		listen [::]:80;
		listen 443 ssl;
		listen [::]:443 ssl;
		ssl_certificate $dir/cert.pem;
		ssl_certificate_key $dir/key.pem;
		root $dir/www;
		location /big/ { root $shm; }
		location /slow/ { alias $shm/big/; limit_rate 256k; }
		location /moved { return 302 /page.txt; }
	}
}
END
start_in_ns nginx nginx -e "$dir/nginx.log" -c "$dir/nginx.conf"
nginx=$pid

get() {
	"$HANDFAST" get --netns "$ns" "$@" 2>"$dir/get.err"
	code=$?
	cat "$dir/get.err"
}

# fails CODE TEXT ARGUMENT...: one line on stderr that contains the text, and the exit status.
fails() {
	expected_code=$1
	text=$2
	shift 2
	get "$@"
	same "exit status" "$expected_code" $code && same "lines on stderr" 1 "$(wc -l <"$dir/get.err")" &&
		grep -q "$text" "$dir/get.err"
}

gets_page() {
	get "$@" >"$dir/got" && same "exit status" 0 $code && cmp "$dir/www/page.txt" "$dir/got"
}

# Nothing but what was there: no file under its name, none under a provisional one.
leaves_nothing() {
	same "files left" "" "$(ls -A "$dir/here")" && has_no_tun
}

gets_large() {
	began=$(now_ms)
	"$HANDFAST" get --netns "$ns" -q -o "$shm/got" "http://$1/big/large" 2>"$dir/get.err" &
	getter=$!
	started="$started $getter"
	within $PATIENCE is_gone_or_sampled $getter
	ended $getter
	took=$(($(now_ms) - began))
	same "exit status" 0 "$code" && same digest "$expected" "$(sha "$shm/got")" || { cat "$dir/get.err"; false; }
}

# The server dies while a file that takes long is on its way.
breaks_off() {
	start getter "$HANDFAST" get --netns "$ns" -o "$dir/here/large" "http://$KERNEL4/slow/large"
	getter=$pid
	# The provisional file grows: the transfer is under way.
	within $PATIENCE grows || return
	stop "$nginx" KILL
	ended "$getter"
	cat "$dir/getter.err"
	same "exit status" 1 "$code" && same "lines on stderr" 1 "$(wc -l <"$dir/getter.err")"
}
grows() {
	[ "$(find "$dir/here" -name 'large?*' -size +100k)" ]
}

it "nginx listens" within $PATIENCE listening 443
it "a page comes over IPv4" gets_page "http://$KERNEL4/page.txt"
it "a page comes over IPv6" gets_page "http://[$KERNEL6]/page.txt"
it "a page comes without offloads" gets_page --no-offload "http://$KERNEL4/page.txt"
it "a redirection is followed when asked for" gets_page -L "http://$KERNEL4/moved"
it "a page comes over https, by a certificate that is trusted" \
	gets_page --cacert "$dir/cert.pem" "https://$KERNEL4/page.txt"
it "a page comes over https and IPv6" gets_page --cacert "$dir/cert.pem" "https://[$KERNEL6]/page.txt"
it "a certificate that is not trusted ends it with status 1" \
	fails 1 certificate -o "$dir/here/page" "https://$KERNEL4/page.txt"
it "it leaves nothing" leaves_nothing
for host in $KERNEL4 "[$KERNEL6]"; do
	it "$((LARGE >> 20)) MiB from nginx at $host are right to the last octet" gets_large "$host"
	figure "from $host" $LARGE "$took" "$spent"
	rm -f "$shm/got"
done
it "a missing page ends it with status 1 and the number" fails 1 404 -o "$dir/here/page" "http://$KERNEL4/nothing"
it "a 404 leaves nothing" leaves_nothing
it "a closed port ends it with status 1" fails 1 "SYN with a reset" -o "$dir/here/page" "http://$KERNEL4:81/page.txt"
it "a refusal leaves nothing" leaves_nothing
in_ns nft 'add table inet silence; add chain inet silence in { type filter hook input priority 0; };
	add rule inet silence in tcp dport 80 drop'
it "a silent server ends it with status 2 after the time that was given" fails 2 "no answer" --timeout 300ms \
	-o "$dir/here/page" "http://$KERNEL4/page.txt"
it "silence leaves nothing" leaves_nothing
in_ns nft delete table inet silence
it "a server that dies in the middle ends it with status 1 and one line" breaks_off
it "a transfer that broke leaves nothing" leaves_nothing
finish
