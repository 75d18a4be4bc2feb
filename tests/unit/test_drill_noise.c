/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts that were cut or changed at random: the parser says what is wrong, and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "drill/drill.h"
#include "drill/mutate.h"

#define ROUNDS 6000
#define ROOM 2048

/* Every form of the language at least once. */
static const char *const scripts[] = {
	"--ip_version=ipv4 --define=N=3 --tolerance_usecs=10\n`sysctl -q net.ipv4.tcp_sack=0`\n"
	"0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, 0) = N\n+.1 bind(3, {sa_family=AF_INET, "
	"sin_port=htons(8), sin_addr=inet_addr(\"1.2.3.4\")}, ...) = -1 EINVAL (Invalid "
	"argument)\n+0.0...0.2 read(4, ..., 0x10) = 16\n`true`\n",
	"0 < SEWA 0:0(0) win 65535 urg 7 <mss 1000,sackOK,TS val 1 ecr 0,nop,wscale 7,eol>\n"
	"+0~+.1 > [ect0,ttl 64] S.5 0:0(0) ack 1 <FO a1b2c3d4,nop,nop>\n* > . ...(10) ack 1 <...>\n"
	"1~2 > - 1:11(10)! ack 4 <sack 1:2 3:4,gen-77 0102,exp-abcd,020405b4>\n",
	"0 < ipv6 [ttl 9] fd00::1 > 2001:db8::7: gre key 7, seq 8: mpls (label 3, tc 1, ttl 2) "
	"(label 1, tc 0, [S], ttl 2): ipv4 1.2.3.4 > 5.6.7.8 : R. 1:1(0) ack 1 win 0 [code 3, pen "
	"4] /udp(7 > 8)\n+0 > (options 01010100, to 1.2.3.4) . 1:1(0) <exp-tarr 3,exp-AccECN0 ee0b 1,nop>\n"
	"+0 < icmp type_9 code_8 [1:2(1)]\n",
	"0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]\n+0 < udp 7 > 8 (20)\n"
	"+0 > (tos 0x1f) icmp echo_reply id 7\n+0 < ipv4 1.2.3.4 > 5.6.7.8: gre: . 1:1(0) ack 1 "
	"win 4\n+0 < [flowlabel 0x7] icmp parameter_problem [raw (9)]\n",
	"0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 5}, {iov_base=..., iov_len=6}], "
	"msg_flags=0, msg_control=[{cmsg_level=1, cmsg_type=2, cmsg_data=3}]}, MSG_MORE) = 11\n"
	"+0 poll([{fd=4, events=POLLIN, revents=0}], 1, 0) = 0\n+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, "
	"{events=EPOLLIN, u64=4}) = 0\n+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, "
	"linger=0}, 8) = 0\n",
	"0 setsockopt(4, SOL_TCP, TCP_FASTOPEN, {enable=1, psk=00ff}, 20) = 0\n+0 open(\"/x\", O_RDONLY) = 5\n+0 pipe([6, 7]) = 0\n+0 splice(4, [1], 7, NULL, 9, "
	"SPLICE_F_MORE) = 9\n+0 sendfile(4, 5, [0], 9) = 9\n+0 write(4, NULL, 9) = -1 EFAULT\n+0 "
	"recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, "
	"msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0, "
	"scm_nsec=7}}]}, MSG_ERRQUEUE) = 0\n+0 getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_rtt=9}, [9]) "
	"= 0\n+0 setsockopt(4, SOL_IP, IP_OPTIONS, \"\\x83\\7\\n\", 3) = 0\n+0 `dd if=/dev/zero "
	"of=/x bs=1k count=2 2>&1; rm /x`\n+0 `nstat -n; nstat | grep -q \"TcpPassive\" | grep "
	"-E ' 1 '; tcpdrop -s TIME_WAIT`\n",
	"--non_fatal=packet,syscall --init_scripts=./defaults.sh --mss=900\n0 %{ a = (tcpi_rtt + 1) * 2 ** 3; assert a < 4 <= 5 or not a, 'text %d' % a\n"
	"print(\"x\", abs(-1), 0x7f & ~3, 1.5e3 // 2) }%\n#ifdef X\n+0 `sockstat -4 | grep -c "
	"LISTEN | grep 1`\n#endif\n/* comment */ +0 `echo 1 > /proc/sys/net/ipv4/tcp_sack`\n",
};

#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

/* Whatever the text is: it is read, or there is an error with a place in it. */
static void try_text(const char *text)
{
	hf_drill_options options = { .profile = HF_PROFILE_LINUX };
	hf_drill_script *s = hf_drill_script_read("noise.pkt", text, NULL);
	hf_mutation m;

	if (s->error.text == NULL)
		hf_drill_check(s, &options);
	if (s->error.text == NULL)
		hf_mutate(s, &options, 3, &m);
	else
		assert_true(*s->error.text != '\0');
	hf_drill_script_free(s);
}

static void scripts_may_end_anywhere(void **unused)
{
	char text[ROOM];

	(void)unused;
	for (size_t i = 0; i < SCRIPTS; i++) {
		for (size_t len = 0; len <= strlen(scripts[i]); len++) {
			memcpy(text, scripts[i], len);
			text[len] = '\0';
			try_text(text);
		}
	}
}

static void change_one(char *text)
{
	static const char signs[] = "()[]{}<>\"'`%#.,:=|&*~!+-/\\ \n\t0123456789afxSFRPEW_\x80\xff";
	size_t len = strlen(text), at = draw((uint32_t)len + 1);

	switch (draw(4)) {
	case 0: /* another character */
		text[at] = at < len ? signs[draw(sizeof(signs) - 1)] : '\0';
		break;
	case 1: /* one less */
		memmove(text + at, text + at + (at < len), len - at);
		break;
	case 2: /* one more */
		if (len + 2 < ROOM) {
			memmove(text + at + 1, text + at, len - at + 1);
			text[at] = signs[draw(sizeof(signs) - 1)];
		}
		break;
	default: /* a piece twice */
		if (at + 20 < len && len + 22 < ROOM) {
			memmove(text + at + 20, text + at, len - at + 1);
		}
		break;
	}
}

static void scripts_may_be_changed_anywhere(void **unused)
{
	char text[ROOM];

	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		strcpy(text, scripts[i % SCRIPTS]);
		for (uint32_t n = 1 + draw(8); n > 0; n--)
			change_one(text);
		try_text(text);
	}
}

static void octets_without_any_sense_are_no_script(void **unused)
{
	char text[ROOM];

	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t len = draw(200);

		for (size_t k = 0; k < len; k++)
			text[k] = (char)(1 + draw(255));
		text[len] = '\0';
		try_text(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_may_end_anywhere),
		cmocka_unit_test(scripts_may_be_changed_anywhere),
		cmocka_unit_test(octets_without_any_sense_are_no_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
