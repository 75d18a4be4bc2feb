/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of the drill: what it makes of scripts, and what it says of wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "drill/script.h"
#include "drill/sign.h"
#include "wire/tcp.h"

static hf_drill_script *script;

static void read_script(const char *text)
{
	hf_drill_script_free(script);
	script = hf_drill_script_read("test.pkt", text, NULL);
}

/* The script's first event; it must have been read without error. */
static const hf_drill_event *first(const char *text)
{
	read_script(text);
	assert_null(script->error.text);
	return script->events;
}

static const hf_drill_tcp *tcp(const char *text)
{
	return &first(text)->packet.tcp;
}

/* The error with its place: "1:4: text". */
static const char *error(const char *text)
{
	static char line[300];

	read_script(text);
	assert_non_null(script->error.text);
	snprintf(line, sizeof(line), "%u:%u: %s", script->error.at.line, script->error.at.column,
		 script->error.text);
	return line;
}

static int stop(void **state)
{
	(void)state;
	hf_drill_script_free(script);
	script = NULL;
	return 0;
}

static void every_form_of_time_is_read(void **state)
{
	const hf_drill_event *e = first("0 `a`\n.5 `b`\n+.25 `c`\n* > . 1:1(0) ack 1\n"
					"1~2 > . 1:1(0) ack 1\n+.1~+.2 > . 1:1(0) ack 1\n"
					"+0 ... 0.2 close(3) = 0\n");

	(void)state;
	assert_int_equal(e->time.base, HF_DRILL_ABSOLUTE);
	e = e->next;
	assert_int_equal(e->time.from, HF_MS(500));
	e = e->next;
	assert_int_equal(e->time.base, HF_DRILL_RELATIVE);
	assert_int_equal(e->time.from, HF_MS(250));
	e = e->next;
	assert_int_equal(e->time.base, HF_DRILL_ANY);
	e = e->next;
	assert_true(e->time.is_window);
	assert_int_equal(e->time.to, HF_SEC(2));
	e = e->next;
	assert_true(e->time.is_window);
	assert_int_equal(e->time.to, HF_MS(200));
	e = e->next;
	assert_true(e->time.blocks);
	assert_int_equal(e->time.to, HF_MS(200));
	assert_null(e->next);
}

static void times_stand_where_they_may(void **state)
{
	(void)state;
	assert_string_equal(error("1 `a`"), "1:1: the first event must be at time 0");
	assert_string_equal(error("0 `a`\n* < . 1:1(0) win 1"),
			    "2:1: only an outbound packet may have such a time");
	assert_string_equal(error("0 `a`\n1~2 close(3) = 0"),
			    "2:1: only an outbound packet may have such a time");
	assert_string_equal(error("0...1 > . 1:1(0)"), "1:1: only a system call can block");
	assert_string_equal(error("0 `a`\n2~1 > . 1:1(0)"),
			    "2:5: this time ends before it begins, not '>'");
	assert_string_equal(error("0 `a`\n+.1~.2 > . 1:1(0)"), "2:5: '+' was expected, not '.2'");
}

static void flags_are_letters_or_a_counter(void **state)
{
	(void)state;
	assert_int_equal(tcp("0 > FSRPEWAU. 0:0(0)")->flags,
			 HF_TCP_FIN | HF_TCP_SYN | HF_TCP_RST | HF_TCP_PSH | HF_TCP_ECE |
				 HF_TCP_CWR | HF_TCP_AE | HF_TCP_URG | HF_TCP_ACK);
	assert_int_equal(tcp("0 > - 0:0(0)")->flags, 0);
	assert_int_equal(tcp("0 > S.E 0:0(0)")->flags, HF_TCP_SYN | HF_TCP_ACK | HF_TCP_ECE);
	assert_int_equal(tcp("0 > P.5 0:0(0)")->flags,
			 HF_TCP_PSH | HF_TCP_ACK | HF_TCP_AE | HF_TCP_ECE);
	assert_int_equal(tcp("0 > .2 0:0(0)")->flags, HF_TCP_ACK | HF_TCP_CWR);
	assert_string_equal(error("0 > .2E 0:0(0)"),
			    "1:5: a counter stands instead of E, W and A, not '.2E'");
	assert_string_equal(error("0 > .5E 0:0(0)"),
			    "1:5: a counter stands instead of E, W and A, not '.5E'");
	assert_string_equal(error("0 > E.5 0:0(0)"),
			    "1:5: a counter stands instead of E, W and A, not 'E.5'");
	assert_string_equal(error("0 > .55 0:0(0)"), "1:5: each flag may be there once, not '.55'");
	assert_string_equal(error("0 > SS 0:0(0)"), "1:5: each flag may be there once, not 'SS'");
	assert_string_equal(error("0 > 0:0(0)"), "1:6: '>' was expected, not ':'");
}

static void ranges_must_add_up(void **state)
{
	const hf_drill_event *e = first("0 > . 4294967295:9(10) ack 5 win 6 urg 7");

	(void)state;
	assert_int_equal(e->packet.len, 10);
	assert_true(e->packet.tcp.seq == UINT32_MAX);
	assert_int_equal(e->packet.tcp.ack, 5);
	assert_int_equal(e->packet.tcp.window, 6);
	assert_int_equal(e->packet.tcp.urgent, 7);
	assert_string_equal(error("0 > . 1:12(10)"), "1:7: the range does not have this length");
	assert_true(tcp("0 > . ...(10)")->any_seq);
	assert_true(tcp("0 > . 5:5(0)!")->seq_as_stands);
	assert_string_equal(error("0 < . ...(10) win 1"),
			    "1:7: an inbound packet needs a sequence number, not '...'");
}

static void an_inbound_packet_needs_a_window(void **state)
{
	(void)state;
	assert_string_equal(error("0 < . 1:1(0) ack 1\n1 `a`"),
			    "2:1: an inbound packet needs a window ('win N'), not '1'");
}

static void ports_make_a_packet_foreign(void **state)
{
	const hf_drill_event *e = first("0 < 40000 > 80 S 0:0(0) win 1");

	(void)state;
	assert_true(e->packet.has_ports);
	assert_int_equal(e->packet.src_port, 40000);
	assert_int_equal(e->packet.dst_port, 80);
}

static void options_keep_their_order_and_numbers(void **state)
{
	const hf_drill_option *o = tcp("0 > S 0:0(0) <mss 1460,sackOK,TS val 1 ecr 2,nop,wscale 7>")
					   ->options;

	(void)state;
	assert_int_equal(o->kind, HF_DRILL_MSS);
	assert_int_equal(o->number, 1460);
	o = o->next;
	assert_int_equal(o->kind, HF_DRILL_SACK_OK);
	o = o->next;
	assert_int_equal(o->kind, HF_DRILL_STAMP);
	assert_int_equal(o->number, 1);
	assert_int_equal(o->echo, 2);
	o = o->next;
	assert_int_equal(o->kind, HF_DRILL_NOP);
	o = o->next;
	assert_int_equal(o->kind, HF_DRILL_WSCALE);
	assert_null(o->next);
}

static void every_other_option_has_its_octets(void **state)
{
	const hf_drill_option *o;

	(void)state;
	o = tcp("0 > . 1:1(0) <nop,nop,sack 1:2 3:4>")->options->next->next;
	assert_int_equal(o->blocks, 2);
	assert_int_equal(o->sack[1][1], 4);
	o = tcp("0 > S 0:0(0) <FO 1234,mss 9>")->options;
	assert_int_equal(o->code, HF_OPT_FAST_OPEN);
	assert_int_equal(o->octets, 2);
	assert_int_equal(o->octet[1], 0x34);
	o = tcp("0 > S 0:0(0) <FO,nop,nop>")->options;
	assert_int_equal(o->octets, 0);
	o = tcp("0 > S 0:0(0) <FOEXP>")->options;
	assert_int_equal(o->code, HF_OPT_EXPERIMENT_2);
	assert_memory_equal(o->octet, "\xf9\x89", 2);
	o = tcp("0 > S 0:0(0) <exp-FO abcd,nop,nop>")->options;
	assert_int_equal(o->octets, 4);
	o = tcp("0 > S 0:0(0) <exp-E2D4,gen-253 0102>")->options;
	assert_memory_equal(o->octet, "\xe2\xd4", 2);
	assert_int_equal(o->next->code, 253);
	o = tcp("0 > . 1:1(0) <nop,ECN e0b 1 ceb 2 e1b 3>")->options->next;
	assert_int_equal(o->code, HF_OPT_ACC_ECN_0);
	assert_memory_equal(o->octet, "\0\0\1\0\0\2\0\0\3", 9);
	o = tcp("0 > . 1:1(0) <ECN e1b 1,nop,nop,nop>")->options;
	assert_int_equal(o->code, HF_OPT_ACC_ECN_1);
	o = tcp("0 > . 1:1(0) <01010101>")->options;
	assert_int_equal(o->kind, HF_DRILL_RAW);
	assert_int_equal(o->octets, 4);
}

static void options_must_fill_their_words(void **state)
{
	(void)state;
	assert_string_equal(error("0 > S 0:0(0) <wscale 7>"),
			    "1:14: the options do not fill words of 4 octets");
	assert_string_equal(error("0 > S 0:0(0) <nop,foo>"),
			    "1:19: octets of two digits each were expected, not 'f'");
	assert_string_equal(error("0 > S 0:0(0) <foo>"),
			    "1:15: octets of two digits each were expected, not 'f'");
	assert_string_equal(error("0 > S 0:0(0) <FO 123>"),
			    "1:18: octets of two digits each were expected, not '123'");
	assert_string_equal(error("0 > S 0:0(0) <...,nop>"), "1:18: '>' was expected, not ','");
	assert_string_equal(error("0 < S 0:0(0) win 1 <...>"),
			    "1:21: an inbound packet needs its options, not '...'");
	assert_true(tcp("0 > S 0:0(0) <...>")->any_options);
	assert_null(tcp("0 > S 0:0(0)")->options);
}

static void the_ip_header_can_be_spoken_of_in_both_dialects(void **state)
{
	const hf_drill_ip *ip;

	(void)state;
	ip = &first("0 > [ect0] . 1:1(0)")->packet.ip;
	assert_int_equal(ip->ecn, 2);
	ip = &first("0 > (ecn ce, ttl 5, dscp af43) . 1:1(0)")->packet.ip;
	assert_int_equal(ip->ecn, 3);
	assert_int_equal(ip->ttl, 5);
	assert_int_equal(ip->dscp, 38);
	ip = &first("0 > (dscp voice-admit, flowlabel 0x12345) . 1:1(0)")->packet.ip;
	assert_int_equal(ip->dscp, 44);
	assert_int_equal(ip->label, 0x12345);
	ip = &first("0 > . 1:1(0)")->packet.ip;
	assert_int_equal(ip->ecn, HF_DRILL_ECN_UNSAID);
	assert_string_equal(error("0 < [ect01] . 1:1(0) win 1"),
			    "1:6: an inbound packet needs one codepoint, not 'ect01'");
}

static void icmp_has_types_codes_and_quotes(void **state)
{
	const hf_drill_icmp *icmp = &first("0 < icmp unreachable frag_needed mtu 1200 [1:11(10)]")
					     ->packet.icmp;

	(void)state;
	assert_int_equal(icmp->type, 3);
	assert_int_equal(icmp->code, 4);
	assert_int_equal(icmp->mtu, 1200);
	assert_int_equal(icmp->quote, HF_DRILL_QUOTE_TCP);
	assert_int_equal(icmp->len, 10);
	icmp = &first("--ip_version=ipv6\n0 > icmp echo_reply id 9")->packet.icmp;
	assert_int_equal(icmp->type, 129);
	assert_int_equal(icmp->id, 9);
	assert_string_equal(error("0 < icmp unreachable port_unreachable mtu 5 [1:1(0)]"),
			    "1:39: this message has no MTU: the quote was expected, not 'mtu'");
	assert_string_equal(error("0 < icmp nonsense"),
			    "1:10: an ICMP type was expected, not 'nonsense'");
}

static void icmp_is_named_or_numbered(void **state)
{
	const hf_drill_icmp *icmp = &first("0 < icmp type_200 code_7 [1:1(0)]")->packet.icmp;

	(void)state;
	assert_int_equal(icmp->type, 200);
	assert_int_equal(icmp->code, 7);
	icmp = &first("0 < icmp time_exceeded frag_reass_exceeded")->packet.icmp;
	assert_int_equal(icmp->code, 1);
	assert_int_equal(icmp->quote, HF_DRILL_QUOTE_TCP); /* of the SYN */
	assert_int_equal(icmp->seq, 0);
	assert_int_equal(first("0 < icmp echo_request")->packet.icmp.quote, HF_DRILL_QUOTE_NONE);
	assert_string_equal(error("0 < icmp type_256"),
			    "1:10: an ICMP type was expected, not 'type_256'");
	assert_string_equal(error("0 < icmp unreachable code_x"),
			    "1:22: an ICMP code was expected, not 'code_x'");
	assert_string_equal(error("--ip_version=ipv6\n0 < icmp parameter_problem header"),
			    "2:28: an ICMP code was expected, not 'header'");
}

static void experiments_have_names(void **state)
{
	const hf_drill_option *o;

	(void)state;
	o = tcp("0 > . 1:1(0) <exp-tarr>")->options;
	assert_int_equal(o->code, HF_OPT_EXPERIMENT_2);
	assert_int_equal(o->octets, 2);
	assert_memory_equal(o->octet, "\x00\xac", 2);
	o = tcp("0 > . 1:1(0) <exp-tarr 127,nop,nop,nop>")->options;
	assert_memory_equal(o->octet, "\x00\xac\xfe", 3);
	o = tcp("0 > . 1:1(0) <exp-AccECN1 ee1b 1 eceb 2,nop,nop>")->options;
	assert_memory_equal(o->octet, "\xac\xc1\0\0\1\0\0\2", 8);
	o = tcp("0 > . 1:1(0) <AccECN0,exp-AccECN0,nop,nop>")->options;
	assert_int_equal(o->code, HF_OPT_ACC_ECN_0);
	assert_int_equal(o->octets, 0);
	assert_memory_equal(o->next->octet, "\xac\xc0", 2);
	assert_string_equal(error("0 > . 1:1(0) <exp-tarr 128>"),
			    "1:24: a number up to 127 was expected, not '128'");
	assert_string_equal(error("0 > . 1:1(0) <AccECN0 ee1b 1>"),
			    "1:23: counters in this option's order were expected, not 'ee1b'");
	assert_string_equal(error("0 > . 1:1(0) <ECN ceb 1>"),
			    "1:19: 'e0b' was expected, not 'ceb'");
	assert_string_equal(error("0 > . 1:1(0) <exp-Acc>"),
			    "1:19: octets of two digits each were expected, not 'Acc'");
}

static void ip_options_fill_words(void **state)
{
	const hf_drill_ip *ip = &first("0 > (options 8307040a000001ff) . 1:1(0)")->packet.ip;

	(void)state;
	assert_true(ip->has_options);
	assert_int_equal(ip->options_len, 8);
	assert_memory_equal(ip->options, "\x83\x07\x04\x0a\0\0\x01\xff", 8);
	assert_string_equal(
		error("0 > (options 01) . 1:1(0)"),
		"1:16: IP options fill words of 4 octets: others were expected, not ')'");
	assert_string_equal(
		error("0 > (options) . 1:1(0)"),
		"1:13: IP options fill words of 4 octets: others were expected, not ')'");
	ip = &first("0 > (to 192.0.2.7, ttl 3) . 1:1(0)")->packet.ip;
	assert_true(ip->has_to);
	assert_int_equal(ip->to.octet[15], 7);
	assert_int_equal(ip->ttl, 3);
	assert_string_equal(error("0 > (to fd00::1) . 1:1(0)"),
			    "1:9: an IPv4 address was expected, not ''");
	assert_string_equal(error("0 < (to 192.0.2.7) . 1:1(0) win 1"),
			    "1:9: what comes in is for this host: no address was expected, not "
			    "'192.0'");
}

static const hf_drill_wrap *wraps(const char *text)
{
	return first(text)->packet.wraps;
}

static void headers_around_a_packet_keep_their_order(void **state)
{
	const hf_drill_wrap *w = wraps("0 < ipv6 [ttl 9] fd00::1 > fd00:0:0:1::: gre key 7, seq 8: "
				       "mpls (label 1048575, tc 7, ttl 255) (label 1, tc 0, [S], "
				       "ttl 2): ipv4 1.2.3.4 > 5.6.7.8: . 1:1(0) win 1");
	hf_addr a;

	(void)state;
	assert_int_equal(w->kind, HF_DRILL_WRAP_IP);
	assert_int_equal(w->ip.ttl, 9);
	assert_true(hf_addr_parse("fd00::1", &a) && hf_addr_equal(&a, &w->src));
	assert_true(hf_addr_parse("fd00:0:0:1::", &a) && hf_addr_equal(&a, &w->dst));
	w = w->next;
	assert_int_equal(w->kind, HF_DRILL_WRAP_GRE);
	assert_int_equal(w->flags, 0x3000); /* key and sequence number are there */
	w = w->next;
	assert_int_equal(w->labels, 2);
	assert_true(w->label[0] == 0xfffffeff);
	assert_true(w->label[1] == 0x1102);
	w = w->next;
	assert_true(hf_addr_is_v4(&w->dst));
	assert_null(w->next);
	assert_null(wraps("0 < . 1:1(0) win 1"));
	w = wraps("0 < ipv4 1.2.3.4 > 5.6.7.8 : gre flags 0x8000, sum 1: . 1:1(0) win 1");
	assert_int_equal(w->next->flags, 0x8000);
}

static void mistakes_in_headers_around_are_named(void **state)
{
	(void)state;
	assert_string_equal(error("0 < ipv4 1.2.3 > 5.6.7.8: . 1:1(0) win 1"),
			    "1:10: an IPv4 address was expected, not '1.2.3'");
	assert_string_equal(error("0 < ipv6 1.2.3.4 > fd00::1: . 1:1(0) win 1"),
			    "1:10: an IPv6 address was expected, not '1.2.3.4'");
	assert_string_equal(error("0 < ipv4 1.2.3.4 > 5.6.7.8 . 1:1(0) win 1"),
			    "1:28: ':' was expected, not '.'");
	assert_string_equal(error("0 < ipv4 1.2.3.4 > 5.6.7.8: gre color 7: . 1:1(0) win 1"),
			    "1:33: flags, sum, off, key or seq was expected, not 'color'");
	assert_string_equal(error("0 < ipv4 1.2.3.4 > 5.6.7.8: gre key 7 seq 8: . 1:1(0) win 1"),
			    "1:39: ',' was expected, not 'seq'");
	assert_string_equal(error("0 < ipv4 1.2.3.4 > 5.6.7.8: mpls (label 1, tc 8, ttl 1): "
				  ". 1:1(0) win 1"),
			    "1:47: a number up to 7 was expected, not '8'");
	assert_string_equal(error("0 < ipv4 1.2.3.4 > 5.6.7.8: mpls (label 1, tc 1, [T], ttl 1): "
				  ". 1:1(0) win 1"),
			    "1:51: 'S' was expected, not 'T'");
	assert_string_equal(error("0 < gre: . 1:1(0) win 1"), "1:5: this header cannot stand here");
	assert_string_equal(error("0 < ipv4 1.2.3.4 > 5.6.7.8: gre: gre: . 1:1(0) win 1"),
			    "1:34: this header cannot stand here");
}

static void a_reset_has_a_diagnosis(void **state)
{
	const hf_drill_event *e = first("0 < R. 1:1(0) ack 1 win 0 [code 300, pen 70000]");

	(void)state;
	assert_int_equal(e->packet.len, 14);
	assert_int_equal(e->packet.tcp.octets, 14);
	/* CBOR: 12345, then a map of two: 1 is 300, 2 is 70000 */
	assert_memory_equal(e->packet.tcp.octet,
			    "\x19\x30\x39\xa2\x01\x19\x01\x2c\x02\x1a\x00\x01\x11\x70", 14);
	e = first("0 < R. 1:7(6) ack 1 win 0 [code 3]");
	assert_memory_equal(e->packet.tcp.octet, "\x19\x30\x39\xa1\x01\x03", 6);
	e = first("0 < R. 1:1(0) ack 1 win 0 [code 200]");
	assert_memory_equal(e->packet.tcp.octet, "\x19\x30\x39\xa1\x01\x18\xc8", 7);
	assert_string_equal(error("0 < . 1:1(0) ack 1 win 0 [code 3]"),
			    "1:27: only a reset has a diagnosis");
	assert_string_equal(error("0 < R. 1:1(0) ack 1 win 0 [pen 3]"),
			    "1:28: 'code' was expected, not 'pen'");
	assert_string_equal(error("0 < R. 1:6(5) ack 1 win 0 [code 3]"),
			    "1:28: this diagnosis takes 6 octets, not 5");
}

static void tcp_goes_over_udp(void **state)
{
	const hf_drill_tcp *t = tcp("0 > . 1:1(0) ack 1 <...> /udp(9899 > 9900)");

	(void)state;
	assert_true(t->over_udp);
	assert_int_equal(t->udp_src, 9899);
	assert_int_equal(t->udp_dst, 9900);
	assert_string_equal(error("0 > . 1:1(0) /tcp(1 > 2)"),
			    "1:15: 'udp' was expected, not 'tcp'");
	assert_string_equal(error("0 > . 1:1(0) /udp(1 > 65536)"),
			    "1:23: a number up to 65535 was expected, not '65536'");
	assert_string_equal(error("0 > . 1:1(0) /udp(1)"), "1:20: '>' was expected, not ')'");
}

static void calls_have_arguments_results_and_errors(void **state)
{
	const hf_drill_call *c =
		&first("0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = -1 EAGAIN (Try (again)) (note)\n"
		       "+0 close(3) = 0")
			 ->call;

	(void)state;
	assert_string_equal(c->name, "fcntl");
	assert_int_equal(hf_expr_count(c->arguments), 3);
	assert_int_equal(hf_expr_nth(c->arguments, 2)->value, 0x802);
	assert_true(c->result->value == -1);
	assert_int_equal(c->error_number, 11);
	assert_non_null(script->events->next);
}

static void expressions_nest(void **state)
{
	const hf_expr *
		e = first("0 f([{fd=4, events=POLLIN}], {..., 10}, {msg_iov(1)=[{\"a\" \"b\", 2}]},"
			  " {sin_port=htons(80)}) = ...")
			    ->call.arguments;

	(void)state;
	assert_int_equal(hf_expr_field(e->first, "events")->value, 1);
	assert_int_equal(hf_expr_nth(e->next->first, 1)->value, 10);
	e = hf_expr_nth(e, 2);
	assert_string_equal(hf_expr_field(e, "msg_iov")->first->first->text, "ab");
	assert_int_equal(e->first->second->value, 1);
	e = e->next;
	assert_string_equal(hf_expr_field(e, "sin_port")->text, "htons");
	assert_int_equal(hf_expr_field(e, "sin_port")->first->value, 80);
	assert_null(hf_expr_field(e, "other"));
}

static void mistakes_in_calls_are_named(void **state)
{
	(void)state;
	assert_string_equal(error("0 close(3 = 0"), "1:11: ')' was expected, not '='");
	assert_string_equal(error("0 close(3)"), "1:11: '=' was expected, not the end");
	assert_string_equal(error("0 close(3) = 0 WHAT"),
			    "1:16: the name of an error was expected, not 'WHAT'");
	assert_string_equal(error("0 f(1|\"a\") = 0"), "1:7: '|' joins numbers only");
	assert_string_equal(error("0 f([[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]) = 0"),
			    "1:21: an expression less deep was expected, not '['");
}

static void what_is_not_supported_is_noted_and_reading_goes_on(void **state)
{
	const hf_drill_note *n;

	(void)state;
	read_script("0 socket(AF_INET, SOCK_FOO, 0) = -1 EWHAT\n"
		    "+0 < icmp unreachable [sctp (7)]\n"
		    "+0 < S 0:0(0) win 1 <md5 valid,nop,nop>\n");
	assert_null(script->error.text);
	n = script->needs;
	assert_string_equal(n->text, "symbol SOCK_FOO");
	assert_int_equal(n->at.column, 19);
	n = n->next;
	assert_string_equal(n->text, "error EWHAT");
	n = n->next;
	assert_string_equal(n->text, "SCTP");
	assert_int_equal(n->at.line, 2);
	n = n->next;
	if (!hf_drill_can_sign()) { /* built without nettle */
		assert_string_equal(n->text, "computed signatures, which need nettle");
		n = n->next;
	}
	assert_null(n);
}

static void commands_without_time_stand_at_both_ends(void **state)
{
	(void)state;
	read_script("--mtu=1400\n--bind_port=\"80\"\n`init`\n0 `a`\n`cleanup`\n");
	assert_null(script->error.text);
	assert_string_equal(script->init, "init");
	assert_string_equal(script->cleanup, "cleanup");
	assert_string_equal(script->settings->name, "mtu");
	assert_string_equal(script->settings->next->value, "80");
	assert_string_equal(error("0 `a`\n`b`\n0 `c`"), "3:1: an event was expected, not '0'");
	assert_string_equal(error(""), "1:1: an event was expected, not the end");
}

static void a_definition_in_the_script_works_at_once(void **state)
{
	const hf_drill_event *e = first("--define=N=7\n0 close(N) = 0");

	(void)state;
	assert_int_equal(e->call.arguments->value, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_time_is_read),
		cmocka_unit_test(times_stand_where_they_may),
		cmocka_unit_test(flags_are_letters_or_a_counter),
		cmocka_unit_test(ranges_must_add_up),
		cmocka_unit_test(an_inbound_packet_needs_a_window),
		cmocka_unit_test(ports_make_a_packet_foreign),
		cmocka_unit_test(options_keep_their_order_and_numbers),
		cmocka_unit_test(every_other_option_has_its_octets),
		cmocka_unit_test(options_must_fill_their_words),
		cmocka_unit_test(the_ip_header_can_be_spoken_of_in_both_dialects),
		cmocka_unit_test(icmp_has_types_codes_and_quotes),
		cmocka_unit_test(icmp_is_named_or_numbered),
		cmocka_unit_test(experiments_have_names),
		cmocka_unit_test(ip_options_fill_words),
		cmocka_unit_test(headers_around_a_packet_keep_their_order),
		cmocka_unit_test(mistakes_in_headers_around_are_named),
		cmocka_unit_test(a_reset_has_a_diagnosis),
		cmocka_unit_test(tcp_goes_over_udp),
		cmocka_unit_test(calls_have_arguments_results_and_errors),
		cmocka_unit_test(expressions_nest),
		cmocka_unit_test(mistakes_in_calls_are_named),
		cmocka_unit_test(what_is_not_supported_is_noted_and_reading_goes_on),
		cmocka_unit_test(commands_without_time_stand_at_both_ends),
		cmocka_unit_test(a_definition_in_the_script_works_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
