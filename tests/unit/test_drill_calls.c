/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of scripts: what is said of those that are not supported, and of answers that differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/drill_play.h"

/* An open connection on descriptor 4, at 0.1 s, in seven lines. */
#define OPEN                                                                                       \
	"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                            \
	"+0 bind(3, ..., ...) = 0\n"                                                               \
	"+0 listen(3, 1) = 0\n"                                                                    \
	"+0 < S 0:0(0) win 65535 <mss 1000>\n"                                                     \
	"+0 > S. 0:0(0) ack 1 <mss 1460>\n"                                                        \
	"+.1 < . 1:1(0) ack 1 win 512\n"                                                           \
	"+0 accept(3, ..., ...) = 4\n"

#define EMPTY "{msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, msg_control=["

static char verdict[2000];

/* Runs a script; returns "passed", or "failed 9:4: text" with the place. */
static const char *run(const char *text)
{
	if (play(text))
		snprintf(verdict, sizeof(verdict), "passed");
	else
		snprintf(verdict, sizeof(verdict), "%s %u:%u: %s", hf_drill_end_name(result.end),
			 result.at.line, result.at.column, result.text);
	return verdict;
}

/* All that a script needs: "3:4: text; 5:6: text". */
static const char *needs(const char *text)
{
	static char list[2000];
	hf_drill_script *s = hf_drill_script_read("test.pkt", text, NULL);
	size_t len = 0;

	hf_drill_check(s, &options);
	assert_null(s->error.text);
	list[0] = '\0';
	for (const hf_drill_note *n = s->needs; n != NULL; n = n->next)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%u:%u: %s",
					len > 0 ? "; " : "", n->at.line, n->at.column, n->text);
	hf_drill_script_free(s);
	return list;
}

static void what_is_not_supported_is_listed_without_running(void **state)
{
	(void)state;
	assert_string_equal(needs("0 socket(..., SOCK_DGRAM, 0) = 3\n0 socket(..., SOCK_STREAM, "
				  "IPPROTO_UDP) = 3\n0 socket(AF_UNSPEC, SOCK_DGRAM, 0) = -1"),
			    "1:15: socket type SOCK_DGRAM; 2:28: protocol IPPROTO_UDP");
	assert_string_equal(needs("0 recv(3, ..., 1, 0x80000) = 1\n0 send(3, ..., 1, MSG_FASTOPEN) "
				  "= 1\n0 sendto(3, ..., 1, MSG_FASTOPEN, ..., ...) = 1"),
			    "1:19: flags of recv; 2:19: flags of send");
	assert_string_equal(
		needs("0 fcntl(3, 77) = 0\n0 ioctl(3, 1, [1]) = 0\n0 open(\"x\", O_RDWR)"
		      " = 5"),
		"1:12: this command of fcntl; 2:12: this command of ioctl; "
		"3:13: flags of open");
	assert_string_equal(
		needs("0 sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 1}], "
		      "msg_control=[{cmsg_level=1, cmsg_type=2, cmsg_data={a=1}}]}, 0) = 1"),
		"1:70: a control message of this form in sendmsg");
	assert_string_equal(
		needs("0 setsockopt(3, SOL_SOCKET, SO_TIMESTAMPING, "
		      "[SOF_TIMESTAMPING_RX_SOFTWARE], 4) = 0\n"
		      "0 getsockopt(3, SOL_TCP, TCP_INFO, {tcpi_rtt=1, tcpi_colour=2}, [104]) = 0\n"
		      "0 getsockopt(3, SOL_TCP, TCP_QUICKACK, [1], [4]) = 0"),
		"1:47: SO_TIMESTAMPING of what arrives; 2:49: field tcpi_colour of TCP_INFO; "
		"3:26: getsockopt SOL_TCP, TCP_QUICKACK");
}

/* What the list is silent about runs: no call of these ends as not supported. */
static void what_is_not_listed_is_supported(void **state)
{
	static const char *const calls[] = {
		"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, IPPROTO_TCP) = 9",
		"recv(4, ..., 1, MSG_DONTWAIT|MSG_PEEK|MSG_TRUNC|MSG_WAITALL|MSG_NOSIGNAL) = -1",
		"recv(4, ..., 1, MSG_ERRQUEUE) = -1",
		"fcntl(4, F_GETFD) = 0",
		"fcntl(4, F_SETFD, FD_CLOEXEC) = 0",
		"fcntl(4, F_SETFL, O_NONBLOCK) = 0",
		"ioctl(4, SIOCINQ, [0]) = 0",
		"ioctl(4, SIOCOUTQ, [0]) = 0",
		"ioctl(4, SIOCOUTQNSD, [0]) = 0",
		"ioctl(4, SIOCATMARK, [0]) = 0",
		"ioctl(4, FIONBIO, [1]) = 0",
		"open(\"x\", O_RDONLY|O_CLOEXEC) = -1 ENOENT",
		"pipe([7, 8]) = 0",
		"splice(4, NULL, 4, NULL, 1, 0) = -1 EINVAL",
		"sendfile(4, 4, NULL, 1) = -1 EINVAL",
		"setsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0",
		"setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, [SOF_TIMESTAMPING_RAW_HARDWARE], 4) = 0",
		"setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0",
		"getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_snd_mss=1000}, [104]) = 0",
		"setsockopt(4, SOL_TCP, TCP_FASTOPEN_KEY, \"0123456789abcdef\", 16) = 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		char text[1500];

		snprintf(text, sizeof(text), "%s+0 %s\n", OPEN, calls[i]);
		assert_string_equal(needs(text), "");
		assert_string_equal(run(text), "passed");
	}
}

static void what_a_drill_cannot_do_is_not_taken_for_nothing(void **state)
{
	(void)state;
	assert_string_equal(needs("0 `tc qdisc add dev tun0 root pfifo 2>/dev/null`"), "");
	assert_string_equal(needs("0 `tc qdisc add dev tun0 root pfifo limit 0`"),
			    "1:3: command tc qdisc add dev tun0 root pfifo limit 0");
	assert_string_equal(
		needs("0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, {enable=1, psk=00}, 20) = 0"), "");
	assert_string_equal(
		needs("0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, {enable=1, psk=01}, 20) = 0"),
		"1:40: Fast Open with a pre-shared key");
	assert_string_equal(needs("--wire_server_at=1.2.3.4\n--wire_client_dev=x\n0 close(3) = 0"),
			    "1:1: option --wire_server_at; 2:1: option --wire_client_dev");
	assert_string_equal(
		run("0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, {enable=1, psk=0}, 20) = 0"),
		"broken 1:55: octets of two digits each were expected, not '0'");
}

static void control_messages_are_compared(void **state)
{
	const char *send = OPEN "+0 setsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0\n"
				"+0 send(4, ..., 10, MSG_ZEROCOPY) = 10\n+0 > P. 1:11(10) ack 1\n"
				"+.1 < . 1:1(0) ack 11 win 9\n+0 recvmsg(4, " EMPTY;
	static const char *const cases[][2] = {
		{ "]}, MSG_ERRQUEUE) = 0",
		  "failed 12:1: recvmsg: a control message too many: level 0, type 11" },
		{ "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_data=1}}]}, "
		  "MSG_ERRQUEUE) = 0",
		  "failed 12:1: recvmsg: ee_data: expected 1, got 0" },
		{ "{cmsg_level=SOL_IP, cmsg_type=7, cmsg_data={ee_data=0}}]}, MSG_ERRQUEUE) = 0",
		  "failed 12:1: recvmsg: cmsg_type: expected 7, got 11" },
		{ "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_color=0}}]}, "
		  "MSG_ERRQUEUE) = 0",
		  "failed 12:1: recvmsg: this control message has no ee_color" },
		{ "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data=5}]}, MSG_ERRQUEUE) = 0",
		  "failed 12:1: recvmsg: cmsg_data: something of another kind was expected" },
		{ "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_data=0}}, "
		  "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data=0}]}, MSG_ERRQUEUE) = 0",
		  "failed 12:1: recvmsg: a control message is missing" },
		{ "{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data=...}]}, MSG_ERRQUEUE) = 0",
		  "passed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[2000];

		snprintf(text, sizeof(text), "%s%s\n", send, cases[i][0]);
		assert_string_equal(run(text), cases[i][1]);
	}
}

static void times_of_sending_are_compared(void **state)
{
	const char *send = OPEN "+0 setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, "
				"[SOF_TIMESTAMPING_TX_ACK|SOF_TIMESTAMPING_SOFTWARE|"
				"SOF_TIMESTAMPING_OPT_TSONLY], 4) = 0\n"
				"+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n"
				"+.1 < . 1:1(0) ack 11 win 9\n+0 recvmsg(4, " EMPTY;
	char text[2000];

	(void)state;
	snprintf(text, sizeof(text),
		 "%s{cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0, "
		 "scm_nsec=205000000}}, {cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, "
		 "cmsg_data=...}]}, MSG_ERRQUEUE) = 0\n",
		 send);
	assert_string_equal(run(text), "failed 12:1: recvmsg: nanoseconds of scm_timestamping: "
				       "expected 205000000, got 200000000");
}

static void mistakes_with_files_and_pipes_are_named(void **state)
{
	(void)state;
	assert_string_equal(run("0 pipe(5) = 0"), "failed 1:1: pipe: pipe takes [NUMBER, NUMBER]");
	assert_string_equal(run("0 pipe([5, 5]) = 0"),
			    "failed 1:1: pipe: a descriptor of this number is open already");
	assert_string_equal(run("0 pipe([5, 6]) = 0\n0 pipe([6, 7]) = 0"),
			    "failed 2:1: pipe: a descriptor of this number is open already");
	assert_string_equal(run("0 pipe([5, 6]) = 0\n0 read(6, ..., 1) = -1 EBADF\n0 write(5, ..., "
				"1) = -1 EBADF\n0 send(5, ..., 1, 0) = -1 ENOTSOCK"),
			    "passed");
	assert_string_equal(run("0 pipe([5, 6]) = 0\n0 write(6, ..., 70000) = 65536\n0...0.5 "
				"splice(5, NULL, 6, NULL, 9, 0) = 9\n.5 read(5, ..., 100) = 100"),
			    "failed 4:1: the call of line 3 still sleeps");
	assert_string_equal(run("0 `dd if=/dev/zero of=/x`\n"),
			    "unsupported 1:3: not supported: command dd if=/dev/zero of=/x");
	assert_string_equal(
		run("0 `dd if=/dev/random of=/x count=1`\n"),
		"unsupported 1:3: not supported: command dd if=/dev/random of=/x count=1");
	assert_string_equal(
		run("`dd if=/dev/zero of=/x bs=1k count=2M`\n"
		    "0 open(\"/x\", O_RDONLY) = 3\n0 read(3, ..., 5000000000) = 2147483648"),
		"passed");
}

static void keys_of_cookies_have_their_length(void **state)
{
	(void)state;
	assert_string_equal(
		run(OPEN "+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, \"short\", 5) = -1 EINVAL\n"
			 "+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, "
			 "\"\\x01\\x02\\3\\n456789abcdef\", 16) = 0\n"
			 "+0 getsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, "
			 "\"\\1\\2\\x3\\x0a456789abcdef\", [16]) = 0\n"),
		"passed");
	assert_string_equal(
		run(OPEN
		    "+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, \"0123456789abcdef\", 16) = 0\n"
		    "+0 getsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, \"0123456789abcdeF\", [16]) = 0"),
		"failed 9:1: getsockopt: the value: other octets were expected");
	assert_string_equal(
		run(OPEN
		    "+0 getsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, \"0123456789abcdeF\", [16]) = 0"),
		"failed 8:1: getsockopt: a key that was not set is not known");
}

static void differences_may_be_forgiven(void **state)
{
	(void)state;
	assert_string_equal(run("--non_fatal=nothing\n0 close(3) = -1"),
			    "broken 1:1: option --non_fatal has a wrong value");
	assert_string_equal(run("--non_fatal=syscall\n0 close(3) = 0\n0 close(3) = -1"), "passed");
	assert_string_equal(result.forgiven, "test.pkt:2:1: forgiven: close: expected 0, got -1 "
					     "EBADF\n  script:   0 close(3) = 0\n");
	assert_string_equal(run("--non_fatal=syscall\n" OPEN "+0 write(4, ..., 9) = 9\n"),
			    "failed 0:0: a packet too many");
	assert_string_equal(run("--non_fatal=packet\n0 close(3) = 0"),
			    "failed 2:1: close: expected 0, got -1 EBADF");
	assert_string_equal(run("--non_fatal=packet,syscall\n" OPEN "+0 write(4, ..., 9) = 8\n"
				"+0 > P. 1:11(10) ack 1\n+.1 < . 1:1(0) ack 10 win 9\n"
				"+0 write(4, ..., 9) = 9\n+0 > P. 10:19(9) ack 1\n"),
			    "passed");
	assert_non_null(strstr(result.forgiven, "9:1: forgiven: write: expected 8, got 9"));
	assert_non_null(strstr(result.forgiven, "10:1: forgiven: octets of payload: expected 10"));
	assert_null(strstr(result.forgiven, "13:1"));
	assert_string_equal(run("--non_fatal=packet\n" OPEN "+0 write(4, ..., 9) = 9\n"), "passed");
	assert_non_null(strstr(result.forgiven, "0:0: forgiven: a packet too many"));
}

static void counters_are_asked_by_name(void **state)
{
	(void)state;
	assert_string_equal(run(OPEN "+0 `nstat | grep TcpPassiveOpens | grep -q \" 2 \"`"),
			    "failed 8:1: nstat has TcpPassiveOpens 1");
	assert_string_equal(run(OPEN "+0 `nstat | grep TcpPassiveOpens | grep -q ' 1 '`"),
			    "passed");
	assert_string_equal(run(OPEN "+0 `nstat | grep TcpActive`"),
			    "failed 8:1: nstat has TcpActiveOpens 0");
	assert_string_equal(run(OPEN "+0 `nstat | grep -E 'Tcp(Active|Passive)'`"), "passed");
	assert_string_equal(run("0 `nstat | grep TcpExtNonsense`"),
			    "unsupported 1:3: not supported: command nstat | grep TcpExtNonsense");
	assert_string_equal(run("0 `nstat | awk '{print}'`"),
			    "unsupported 1:3: not supported: command nstat | awk '{print}'");
	assert_string_equal(run("0 `nstat | grep '('`"), "unsupported 1:3: not supported: command "
							 "nstat | grep '('");
	assert_string_equal(run("0 `nstat -z`"),
			    "unsupported 1:3: not supported: command nstat -z");
	assert_string_equal(run("0 `nstat | grep -c Tcp`"),
			    "unsupported 1:3: not supported: command nstat | grep -c Tcp");
	assert_string_equal(run("0 `nstat | | grep Tcp`"),
			    "unsupported 1:3: not supported: command nstat | | grep Tcp");
}

static void connections_are_dropped_by_state(void **state)
{
	(void)state;
	assert_string_equal(run(OPEN "+0 `tcpdrop -s ESTABLISHED`\n+0 > R. 1:1(0) ack 1"),
			    "passed");
	assert_string_equal(run(OPEN "+0 `tcpdrop -s LISTEN`\n+0 > R. 1:1(0) ack 1"),
			    "failed 9:1: the packet did not come");
	assert_string_equal(run("0 `tcpdrop -s HALF_SHUT`"),
			    "unsupported 1:3: not supported: command tcpdrop -s HALF_SHUT");
	assert_string_equal(run("0 `tcpdrop 1.2.3.4 5 6.7.8.9 10`"),
			    "unsupported 1:3: not supported: command tcpdrop 1.2.3.4 5 6.7.8.9 10");
}

static void scripts_before_the_first_line_are_commands(void **state)
{
	(void)state;
	assert_string_equal(
		run("--init_scripts=./defaults.sh,/tmp/other/defaults.sh\n0 close(3) = -1"),
		"passed");
	assert_string_equal(run("--init_scripts=./defaults.sh,./more.sh\n0 close(3) = -1"),
			    "unsupported 1:1: not supported: command ./more.sh");
	assert_string_equal(run("--init_scripts=\n0 close(3) = -1"),
			    "broken 1:1: option --init_scripts has a wrong value");
}

static void the_largest_segment_is_an_option(void **state)
{
	(void)state;
	assert_string_equal(
		run("--mss=1000\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
		    "+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n"
		    "+0 < S 0:0(0) win 65535 <mss 1460>\n+0 > S. 0:0(0) ack 1 <mss 1000>\n"),
		"passed");
	assert_string_equal(run("--mss=87\n0 close(3) = -1"),
			    "broken 1:1: option --mss has a wrong value");
	assert_string_equal(run("--is_anyip\n0 close(3) = -1"), "passed");
	assert_string_equal(run("--wire_client\n0 close(3) = -1"),
			    "unsupported 1:1: not supported: option --wire_client");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_supported_is_listed_without_running),
		cmocka_unit_test(what_is_not_listed_is_supported),
		cmocka_unit_test(what_a_drill_cannot_do_is_not_taken_for_nothing),
		cmocka_unit_test(control_messages_are_compared),
		cmocka_unit_test(times_of_sending_are_compared),
		cmocka_unit_test(mistakes_with_files_and_pipes_are_named),
		cmocka_unit_test(keys_of_cookies_have_their_length),
		cmocka_unit_test(differences_may_be_forgiven),
		cmocka_unit_test(counters_are_asked_by_name),
		cmocka_unit_test(connections_are_dropped_by_state),
		cmocka_unit_test(scripts_before_the_first_line_are_commands),
		cmocka_unit_test(the_largest_segment_is_an_option),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
