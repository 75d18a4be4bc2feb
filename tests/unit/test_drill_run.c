/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner of the drill: what it notices, and how it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/drill_play.h"

/* An open connection on descriptor 4, at 0.1 s, in nine lines. */
#define OPEN                                                                                       \
	"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                            \
	"+0 bind(3, ..., ...) = 0\n"                                                               \
	"+0 listen(3, 1) = 0\n"                                                                    \
	"+0 < S 0:0(0) win 65535 <mss 1000,sackOK,TS val 7 ecr 0,nop,wscale 7>\n"                  \
	"+0 > S. 0:0(0) ack 1 win 64240 <mss 1460,sackOK,TS val 9 ecr 7,nop,wscale 7>\n"           \
	"+.1 < . 1:1(0) ack 1 win 512 <nop,nop,TS val 8 ecr 9>\n"                                  \
	"+0 accept(3, ..., ...) = 4\n"

static char verdict[2000];

/* Runs a script; returns "passed", or "failed 9: text" with the line. */
static const char *run(const char *text)
{
	if (play(text))
		snprintf(verdict, sizeof(verdict), "passed");
	else
		snprintf(verdict, sizeof(verdict), "%s %u: %s", hf_drill_end_name(result.end),
			 result.at.line, result.text);
	return verdict;
}

/* Does `line`, after the connection is open and 100 octets were written, end with `expected`? */
static void after_write(const char *line, const char *expected)
{
	char text[1500];

	snprintf(text, sizeof(text), "%s+.1 write(4, ..., 100) = 100\n%s\n", OPEN, line);
	assert_string_equal(run(text), expected);
}

static void a_script_that_agrees_passes(void **state)
{
	(void)state;
	after_write("+0 > P. 1:101(100) ack 1 win 502 <nop,nop,TS val 209 ecr 8>", "passed");
	assert_int_equal(result.events, 9);
	assert_true(result.time >= HF_MS(200));
}

static void a_dry_run_reads_and_does_nothing(void **state)
{
	(void)state;
	assert_string_equal(run("--dry_run\n0 close(3) = 0\n"), "passed");
	assert_int_equal(result.events, 0);
	assert_string_equal(run("--dry_run=0\n0 close(3) = 0\n"),
			    "failed 2: close: expected 0, got -1 EBADF");
}

static void every_field_of_a_segment_counts(void **state)
{
	(void)state;
	after_write("+0 > . 1:101(100) ack 1 <...>", "failed 9: flags: expected ., got P.");
	after_write("+0 > P. 2:102(100) ack 1 <...>",
		    "failed 9: sequence number: expected 2, got 1");
	after_write("+0 > P. 1:91(90) ack 1 <...>",
		    "failed 9: octets of payload: expected 90, got 100");
	after_write("+0 > P. 1:101(100) ack 2 <...>",
		    "failed 9: acknowledgement: expected 2, got 1");
	after_write("+0 > P. 1:101(100) ack 1 win 1025 <...>",
		    "failed 9: window: expected 1025, got 502");
	after_write("+0 > P. 1:101(100) ack 1 urg 1 <...>",
		    "failed 9: urgent pointer: expected 1, got 0");
	after_write("+0 > [ect0] P. 1:101(100) ack 1 <...>",
		    "failed 9: ECN codepoint: expected 2, got 0");
	after_write("+0 > [ttl 63] P. 1:101(100) ack 1 <...>",
		    "failed 9: TTL: expected 63, got 64");
	after_write("+0 > [tos 4] P. 1:101(100) ack 1 <...>", "failed 9: TOS: expected 4, got 0");
}

static void options_count_in_their_order(void **state)
{
	(void)state;
	after_write("+0 > P. 1:101(100) ack 1", "failed 9: option 1: expected none, got nop");
	after_write("+0 > P. 1:101(100) ack 1 <nop,TS val 1 ecr 8,nop>",
		    "failed 9: option 2: expected TS val 1 ecr 8, got nop");
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val 1 ecr 8,nop,nop,sack 1:2 3:4>",
		    "failed 9: option 4: expected nop, got none");
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,sackOK>",
		    "failed 9: option 3: expected sackOK, got TS val 209 ecr 8");
	after_write("+0 > P. 1:101(100) ack 1 <0101>",
		    "broken 9: the options do not fill words of 4 octets");
}

static void time_stamps_count_with_a_tick(void **state)
{
	(void)state;
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val 999 ecr 777>", "passed");
	options.settings = &(hf_drill_setting){ .name = "tcp_ts_tick_usecs", .value = "1000" };
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val 209 ecr 8>", "passed");
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val 213 ecr 8>", "passed");
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val 214 ecr 8>",
		    "failed 9: option 3: expected TS val 214 ecr 8, got TS val 209 ecr 8");
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val 209 ecr 9>",
		    "failed 9: option 3: expected TS val 209 ecr 9, got TS val 209 ecr 8");
	after_write("+0 > P. 1:101(100) ack 1 <nop,nop,TS val ... ecr 8>", "passed");
	options.settings = NULL;
}

static void time_counts(void **state)
{
	(void)state;
	after_write(
		"+.1 > P. 1:101(100) ack 1 <...>",
		"failed 9: time: expected at 0.300000 s (give or take 0.012500 s), got 0.200000 s");
	after_write(
		"+.3~+.4 > P. 1:101(100) ack 1 <...>",
		"failed 9: time: expected at 0.500000 s (give or take 0.037500 s), got 0.200000 s");
	after_write("+0~+.4 > P. 1:101(100) ack 1 <...>", "passed");
	after_write("* > P. 1:101(100) ack 1 <...>", "passed");
	after_write(".2 > P. 1:101(100) ack 1 <...>", "passed");
	after_write("+0 > P. 1:101(100) ack 1 <...>\n+.1 > P. 1:101(100) ack 1 <...>",
		    "failed 10: the packet did not come");
}

static void a_packet_too_many_is_noticed(void **state)
{
	(void)state;
	after_write("", "failed 0: a packet too many");
	assert_non_null(strstr(result.details, "actual:   > P. 1:101(100) ack 1 win 502"));
	after_write("+0 > P. 1:101(100) ack 1 <...>\n+1 `true`", "failed 0: a packet too many");
	after_write("+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5", "failed 0: a packet too many");
}

static void a_packet_too_few_is_noticed(void **state)
{
	(void)state;
	after_write("+0 > P. 1:101(100) ack 1 <...>\n+0 > . 101:101(0) ack 1 <...>",
		    "failed 10: the packet did not come");
	assert_non_null(strstr(result.details, "  actual:   nothing\n"));
}

static void a_report_shows_the_ladder(void **state)
{
	(void)state;
	after_write("+0 > P. 1:101(100) ack 2 <...>",
		    "failed 9: acknowledgement: expected 2, got 1");
	assert_non_null(strstr(result.details, "  expected: +0 > P. 1:101(100) ack 2 <...>\n"));
	assert_non_null(strstr(result.details, "at 0.200000 s (data)"));
	assert_non_null(strstr(result.details, "SYN-ACK"));
	assert_non_null(strstr(result.details, "ESTABLISHED"));
}

static void segments_are_put_together_unless_forbidden(void **state)
{
	static const hf_drill_setting strict = { .name = "strict_segments" };

	(void)state;
	assert_string_equal(run(OPEN "+0 write(4, ..., 2500) = 2500\n"
				     "+0 > P. 1:2501(2500) ack 1 <...>\n"),
			    "passed");
	assert_string_equal(run(OPEN "+0 write(4, ..., 2500) = 2500\n"
				     "+0 > P. 1:2401(2400) ack 1 <...>\n"),
			    "failed 9: octets of payload: expected 2400, got 2500");
	options.settings = &strict;
	assert_string_equal(run(OPEN "+0 write(4, ..., 2500) = 2500\n"
				     "+0 > P. 1:2501(2500) ack 1 <...>\n"),
			    "failed 9: flags: expected P., got .");
	options.settings = NULL;
}

static void results_and_errors_of_calls_count(void **state)
{
	(void)state;
	assert_string_equal(run("0 close(3) = 0"), "failed 1: close: expected 0, got -1 EBADF");
	assert_string_equal(run("0 close(3) = -1"), "passed");
	assert_string_equal(run("0 close(3) = -1 EINVAL"),
			    "failed 1: close: expected -1 EINVAL, got -1 EBADF");
	assert_string_equal(run("0 socket(..., SOCK_STREAM, 0) = -1"),
			    "failed 1: socket succeeded, but was to fail");
	assert_string_equal(run("0 socket(..., SOCK_STREAM, 0) = 3\n"
				"0 socket(..., SOCK_STREAM, 0) = 3"),
			    "failed 2: descriptor 3 is open already");
	assert_string_equal(run("0 socket(..., SOCK_STREAM, 0) = 3\n"
				"0 getsockopt(3, SOL_TCP, TCP_NODELAY, [1], [4]) = 0"),
			    "failed 2: getsockopt: the value: expected 1, got 0");
	assert_string_equal(run("0 close(3) = ..."), "passed");
}

static void calls_that_sleep_need_their_end(void **state)
{
	(void)state;
	assert_string_equal(run(OPEN "+0 read(4, ..., 10) = 10"),
			    "failed 8: read would sleep: a time like +0...0.1 says until when");
	assert_string_equal(run(OPEN "+0...0.1 read(4, ..., 10) = 10"),
			    "failed 8: read has not returned");
	assert_string_equal(run(OPEN "+0...0.5 read(4, ..., 10) = 10\n"
				     "+.1 < P. 1:11(10) ack 1 win 9 <nop,nop,TS val 8 ecr 9>\n"
				     "+0 > . 1:1(0) ack 11 <...>"),
			    "failed 8: read was to return at 0.600000 s, but returned at "
			    "0.200000 s");
	assert_string_equal(run(OPEN "+0...2 read(4, ..., 10) = 10\n"
				     "+.1 close(4) = 0"),
			    "failed 9: the call of line 8 still sleeps");
	assert_string_equal(run(OPEN "+0...0.1 read(4, ..., 10) = 9\n"
				     "+.1 < P. 1:11(10) ack 1 win 9 <nop,nop,TS val 8 ecr 9>\n"),
			    "failed 8: read: expected 9, got 10");
}

static void code_is_held_against_the_connection(void **state)
{
	(void)state;
	assert_string_equal(run(OPEN "+0 %{ assert tcpi_snd_mss == 988 }%"), "passed");
	assert_string_equal(run(OPEN "+0 %{ print('mss', tcpi_snd_mss) }%"), "passed");
	assert_string_equal(result.said, "mss 988\n");
	assert_string_equal(run(OPEN "+0 %{ assert tcpi_snd_mss == 1 }%"),
			    "failed 8: tcpi_snd_mss == 1 does not hold (tcpi_snd_mss = 988)");
	assert_string_equal(run(OPEN "+0 %{ assert tcpi_nonsense }%"),
			    "unsupported 8: not supported: name tcpi_nonsense in code");
	assert_string_equal(run("0 %{ assert 1 }%"),
			    "failed 1: there is no socket whose figures could be looked at");
	assert_string_equal(run(OPEN "+0 %{ assert 1 + }%"),
			    "broken 8: in code, line 1, column 11: an expression was expected");
}

static void commands_are_mapped(void **state)
{
	(void)state;
	assert_string_equal(run("`./defaults.sh; sysctl -q net.ipv4.tcp_sack=0`\n0 `true`"),
			    "passed");
	assert_string_equal(run("0 `mv x y`"), "unsupported 1: not supported: command mv x y");
	assert_string_equal(run("0 `sysctl -w net.ipv4.nonsense=1`"),
			    "unsupported 1: not supported: setting net.ipv4.nonsense=1");
	assert_string_equal(run("0 `sysctl -w net.ipv4.tcp_sack=maybe`"),
			    "unsupported 1: not supported: setting net.ipv4.tcp_sack=maybe");
	assert_string_equal(run(OPEN "+0 `sysctl -w net.ipv4.tcp_sack=0`"),
			    "failed 8: settings must come before the first packet or socket");
	assert_string_equal(run("0 `echo 0 > /proc/sys/net/ipv4/tcp_sack`"), "passed");
	assert_string_equal(run("0 `../set_sysctls.py /proc/sys/net/ipv4/tcp_rmem=\"1 2 3\"`"),
			    "passed");
	assert_string_equal(run(OPEN "+0 `sockstat -4 -P tcp -s | grep packetdril | grep -c "
				     "ESTABLISHED | grep 2`"),
			    "failed 8: sockets in ESTABLISHED: expected 2, got 1");
}

static void options_of_the_language_are_checked(void **state)
{
	(void)state;
	assert_string_equal(run("--frobnicate\n0 `true`"), "broken 1: unknown option --frobnicate");
	assert_string_equal(run("--bind_port=0\n0 `true`"),
			    "broken 1: option --bind_port has a wrong value");
	assert_string_equal(run("--udp_encapsulation=tcp\n0 `true`"),
			    "unsupported 1: not supported: option --udp_encapsulation");
	assert_string_equal(
		run("--mtu=100\n0 close(3) = -1"),
		"failed 2: the stack cannot be set up like this: an argument is outside "
		"what the call accepts");
	assert_string_equal(run("--local_ip=fd00::1\n0 close(3) = -1"),
			    "broken 0: the addresses are not of the script's IP version");
}

static void unknown_calls_and_symbols_are_refused(void **state)
{
	(void)state;
	assert_string_equal(run("0 vmsplice(3, 4) = 0"),
			    "unsupported 1: not supported: system call vmsplice");
	assert_string_equal(run("0 close(3, 4) = 0"), "broken 1: close takes 1 arguments, not 2");
	assert_string_equal(run("0 setsockopt(3, SOL_SOCKET, SO_TYPE, [9], 4) = 0"),
			    "unsupported 1: not supported: setsockopt SOL_SOCKET, SO_TYPE");
	assert_string_equal(run("0 setsockopt(3, SOL_TCP, TCP_INFO, [9], 4) = 0"),
			    "unsupported 1: not supported: setsockopt SOL_TCP, TCP_INFO");
	assert_string_equal(run("0 setsockopt(3, SOL_TCP, TCP_FUNCTION_BLK, [9], 4) = 0"),
			    "unsupported 1: not supported: symbol TCP_FUNCTION_BLK");
}

static void echoes_must_have_been_sent(void **state)
{
	(void)state;
	assert_string_equal(run(OPEN "+0 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 8 ecr 12345>"),
			    "failed 8: this echoes a time stamp that the stack has not sent");
}

static void time_does_not_go_back(void **state)
{
	(void)state;
	assert_string_equal(run("0 `true`\n1 close(3) = -1\n.5 close(3) = -1"),
			    "failed 3: this time has passed: it is 1.000000 s");
}

static void a_run_repeats_itself(void **state)
{
	char once[4000];

	(void)state;
	after_write("+0 > R 1:1(0)", "failed 9: flags: expected R, got P.");
	snprintf(once, sizeof(once), "%s", result.details);
	after_write("+0 > R 1:1(0)", "failed 9: flags: expected R, got P.");
	assert_string_equal(result.details, once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_script_that_agrees_passes),
		cmocka_unit_test(a_dry_run_reads_and_does_nothing),
		cmocka_unit_test(every_field_of_a_segment_counts),
		cmocka_unit_test(options_count_in_their_order),
		cmocka_unit_test(time_stamps_count_with_a_tick),
		cmocka_unit_test(time_counts),
		cmocka_unit_test(a_packet_too_many_is_noticed),
		cmocka_unit_test(a_packet_too_few_is_noticed),
		cmocka_unit_test(a_report_shows_the_ladder),
		cmocka_unit_test(segments_are_put_together_unless_forbidden),
		cmocka_unit_test(results_and_errors_of_calls_count),
		cmocka_unit_test(calls_that_sleep_need_their_end),
		cmocka_unit_test(code_is_held_against_the_connection),
		cmocka_unit_test(commands_are_mapped),
		cmocka_unit_test(options_of_the_language_are_checked),
		cmocka_unit_test(unknown_calls_and_symbols_are_refused),
		cmocka_unit_test(echoes_must_have_been_sent),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(a_run_repeats_itself),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
