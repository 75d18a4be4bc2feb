/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers around a packet: the octets that are made, and what is found when they are taken off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/octets.h"
#include "drill/wire.h"
#include "wire/checksum.h"

static hf_arena arena;
static hf_drill_setup setup;
static hf_drill_flows flows;
static hf_drill_script *script;

static const hf_drill_packet *packet(const char *text)
{
	hf_drill_script_free(script);
	script = hf_drill_script_read("test.pkt", text, NULL);
	assert_null(script->error.text);
	return &script->events->packet;
}

static hf_drill_desk desk(void)
{
	hf_endpoint local = { setup.local, 8080 }, remote = { setup.remote, 49152 };

	return (hf_drill_desk){
		.arena = &arena,
		.setup = &setup,
		.flows = &flows,
		.flow = hf_drill_flow_named(&flows, &local, &remote),
	};
}

/* The octets of an inbound packet. */
static hf_view made(const char *text)
{
	hf_drill_desk d = desk();
	const char *why = NULL;
	size_t len = 0;
	const uint8_t *at = hf_drill_make(&d, packet(text), &len, &why);

	assert_non_null(at);
	return (hf_view){ at, len };
}

/* What differs if these octets have left instead of `text`; NULL: nothing. */
static const char *difference(hf_view octets, const char *text)
{
	hf_drill_desk d = desk();
	hf_drill_wire *w = hf_arena_take(&arena, sizeof(*w));
	hf_drill_verdict v;

	w->packet.data = (uint8_t *)hf_arena_copy(&arena, (const char *)octets.at, octets.len);
	w->packet.len = (uint32_t)octets.len;
	(void)hf_ip_parse((hf_view){ w->packet.data, w->packet.len }, &w->ip);
	v = hf_drill_compare(&d, packet(text), w);
	assert_ptr_equal(v.part[0], w);
	assert_int_equal(v.parts, 1);
	return v.difference;
}

static int start(void **state)
{
	(void)state;
	hf_drill_setup_init(&setup);
	assert_true(hf_drill_setup_finish(&setup));
	flows = (hf_drill_flows){ .arena = &arena };
	return 0;
}

static int stop(void **state)
{
	(void)state;
	hf_drill_script_free(script);
	script = NULL;
	hf_arena_release(&arena);
	return 0;
}

static void ip_says_what_is_inside(void **state)
{
	hf_view o = made("0 < ipv4 2.2.2.2 > 1.1.1.1: ipv6 2::2 > 1::1: . 1:11(10) win 123");
	hf_ip outer, middle, inner;

	(void)state;
	assert_int_equal(hf_ip_parse(o, &outer), HF_WHY_NONE); /* its checksum too */
	assert_int_equal(outer.protocol, 41);
	assert_int_equal(outer.ttl, 255);
	assert_int_equal(hf_ip_parse(outer.payload, &middle), HF_WHY_NONE);
	assert_int_equal(middle.version, 6);
	assert_int_equal(middle.protocol, 4);
	assert_int_equal(hf_ip_parse(middle.payload, &inner), HF_WHY_NONE);
	assert_int_equal(inner.protocol, HF_IPPROTO_TCP);
	assert_int_equal(inner.payload.len, 30);
}

static void gre_has_the_fields_that_its_flags_say(void **state)
{
	hf_view o = made("0 < ipv4 2.2.2.2 > 1.1.1.1: gre flags 0xb000, sum 511, off 1023, key "
			 "0x80001234, seq 512: . 1:1(0) win 1");

	(void)state;
	assert_int_equal(o.at[9], 47);
	assert_memory_equal(o.at + 20,
			    "\xb0\x00\x08\x00\x01\xff\x03\xff\x80\x00\x12\x34\x00\x00\x02\x00", 16);
	assert_int_equal(o.at[36], 0x45);
	o = made("0 < ipv4 2.2.2.2 > 1.1.1.1: gre: ipv6 2::2 > 1::1: . 1:1(0) win 1");
	assert_memory_equal(o.at + 20, "\x00\x00\x86\xdd\x60", 5);
}

static void mpls_is_a_stack_of_labels(void **state)
{
	hf_view o = made("0 < ipv4 2.2.2.2 > 1.1.1.1: gre: mpls (label 16, tc 1, ttl 2) (label "
			 "1048575, tc 7, [S], ttl 255): . 1:1(0) win 1");

	(void)state;
	assert_memory_equal(o.at + 20, "\x00\x00\x88\x47\x00\x01\x02\x02\xff\xff\xff\xff\x45", 13);
	o = made("0 < ipv4 2.2.2.2 > 1.1.1.1: mpls (label 1, tc 0, [S], ttl 1): . 1:1(0) win 1");
	assert_int_equal(o.at[9], 137);
}

static void udp_is_around_a_segment_that_stays_as_it_is(void **state)
{
	hf_view o = made("0 < R. 1:1(0) ack 1 win 0 [code 3] /udp(9899 > 9900)");
	hf_sum sum;
	hf_ip ip;
	hf_tcp tcp;

	(void)state;
	assert_int_equal(hf_ip_parse(o, &ip), HF_WHY_NONE);
	assert_int_equal(ip.protocol, HF_IPPROTO_UDP);
	assert_int_equal(hf_get16(ip.payload.at), 9899);
	assert_int_equal(hf_get16(ip.payload.at + 2), 9900);
	assert_int_equal(hf_get16(ip.payload.at + 4), ip.payload.len);
	sum = hf_sum_pseudo(0, &ip.src, &ip.dst, HF_IPPROTO_UDP, (uint32_t)ip.payload.len);
	assert_int_equal(hf_sum_finish(hf_sum_octets(sum, ip.payload.at, ip.payload.len)), 0);
	ip.protocol = HF_IPPROTO_TCP;
	ip.payload = hf_view_skip(ip.payload, 8);
	assert_int_equal(hf_tcp_parse(&ip, false, &tcp), HF_WHY_NONE);
	assert_int_equal(tcp.payload.len, 6);
}

static void what_left_as_it_was_expected_agrees(void **state)
{
	static const char *const texts[] = {
		"0 %c ipv4 2.2.2.2 > 1.1.1.1: . 1:11(10) ack 1 win 7 <mss 9>",
		"0 %c ipv6 (tos 4, ttl 3) 2::2 > 1::1: gre key 7: . 1:11(10) ack 1 win 7",
		"0 %c ipv4 2.2.2.2 > 1.1.1.1: gre key 3: mpls (label 1, tc 2, [S], ttl 3): R 1:1(0) win 7",
		"0 %c ipv4 2.2.2.2 > 1.1.1.1: gre sum 1, off 2: ipv4 1.1.1.1 > 2.2.2.2: . 1:1(0) win 7",
		"0 %c . 1:11(10) ack 1 win 7 /udp(1 > 2)",
		"0 %c ipv4 2.2.2.2 > 1.1.1.1: R. 1:1(0) ack 1 win 7 [code 9] /udp(1 > 2)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		hf_view o = made(hf_arena_format(&arena, texts[i], '<'));

		assert_null(difference(o, hf_arena_format(&arena, texts[i], '>')));
	}
}

/* What is said when `expected` was to leave around a segment, and `actual` left. */
static void check(const char *actual, const char *expected, const char *text)
{
	hf_view o = made(hf_arena_format(&arena, "0 < %s . 1:1(0) ack 1 win 7", actual));

	assert_string_equal(
		difference(o, hf_arena_format(&arena, "0 > %s . 1:1(0) ack 1 win 7", expected)),
		text);
}

static void every_header_around_counts(void **state)
{
	const char *ip = "ipv4 2.2.2.2 > 1.1.1.1:";
	const char *gre = "ipv4 2.2.2.2 > 1.1.1.1: gre flags 0xb000, sum 1, off 2, key 3, seq 4:";
	const char *mpls = "ipv4 2.2.2.2 > 1.1.1.1: mpls (label 1, tc 2, [S], ttl 3):";

	(void)state;
	check(ip, "ipv4 2.2.2.3 > 1.1.1.1:",
	      "source address of the header around it: another was expected");
	check(ip, "ipv4 2.2.2.2 > 1.1.1.2:",
	      "destination address of the header around it: another was expected");
	check(ip, "ipv4 (ttl 254) 2.2.2.2 > 1.1.1.1:", "TTL: expected 254, got 255");
	check(ip, "ipv4 2.2.2.2 > 1.1.1.1: gre:", "protocol inside: expected 47, got 4");
	check(ip,
	      "ipv4 2.2.2.2 > 1.1.1.1: ipv6 2::2 > 1::1:", "protocol inside: expected 41, got 4");
	check(ip,
	      "ipv6 2::2 > 1::1:", "source address of the header around it: another was expected");
	check(gre, "ipv4 2.2.2.2 > 1.1.1.1: gre:", "GRE flags: expected 0, got 45056");
	check(gre, "ipv4 2.2.2.2 > 1.1.1.1: gre flags 0xb000, sum 5, off 2, key 3, seq 4:",
	      "GRE checksum: expected 5, got 1");
	check(gre, "ipv4 2.2.2.2 > 1.1.1.1: gre flags 0xb000, sum 1, off 5, key 3, seq 4:",
	      "GRE offset: expected 5, got 2");
	check(gre, "ipv4 2.2.2.2 > 1.1.1.1: gre flags 0xb000, sum 1, off 2, key 5, seq 4:",
	      "GRE key: expected 5, got 3");
	check(gre, "ipv4 2.2.2.2 > 1.1.1.1: gre flags 0xb000, sum 1, off 2, key 3, seq 5:",
	      "GRE sequence number: expected 5, got 4");
	check(mpls, "ipv4 2.2.2.2 > 1.1.1.1: mpls (label 2, tc 2, [S], ttl 3):",
	      "MPLS label: another was expected");
	check("", "ipv4 192.0.2.1 > 192.168.0.1:", "protocol inside: expected 4, got 6");
}

static void what_is_inside_counts_as_ever(void **state)
{
	hf_view o = made("0 < ipv4 2.2.2.2 > 1.1.1.1: . 1:11(10) ack 1 win 7");
	hf_view udp = made("0 < R. 1:1(0) ack 1 win 7 [code 9] /udp(1 > 2)");

	(void)state;
	assert_string_equal(difference(o, "0 > ipv4 2.2.2.2 > 1.1.1.1: . 1:11(10) ack 1 win 8"),
			    "window: expected 8, got 7");
	assert_string_equal(difference(udp, "0 > R. 1:1(0) ack 1 [code 9] /udp(3 > 2)"),
			    "UDP source port: expected 3, got 1");
	assert_string_equal(difference(udp, "0 > R. 1:1(0) ack 1 [code 9] /udp(1 > 3)"),
			    "UDP destination port: expected 3, got 2");
	assert_string_equal(difference(udp, "0 > R. 1:1(0) ack 1 [code 8] /udp(1 > 2)"),
			    "payload: another diagnosis was expected");
	assert_string_equal(difference(o, "0 > . 1:1(0) ack 1 /udp(1 > 2)"),
			    "IP protocol: expected 17, got 4");
}

static void a_packet_that_is_too_large_is_refused(void **state)
{
	hf_drill_desk d = desk();
	const char *why = NULL;
	size_t len;

	(void)state;
	assert_null(hf_drill_make(&d, packet("0 < ipv4 1.1.1.1 > 2.2.2.2: . 1:65496(65495) win 1"),
				  &len, &why));
	assert_string_equal(why, "this packet is larger than 65535 octets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ip_says_what_is_inside, start, stop),
		cmocka_unit_test_setup_teardown(gre_has_the_fields_that_its_flags_say, start, stop),
		cmocka_unit_test_setup_teardown(mpls_is_a_stack_of_labels, start, stop),
		cmocka_unit_test_setup_teardown(udp_is_around_a_segment_that_stays_as_it_is, start,
						stop),
		cmocka_unit_test_setup_teardown(what_left_as_it_was_expected_agrees, start, stop),
		cmocka_unit_test_setup_teardown(every_header_around_counts, start, stop),
		cmocka_unit_test_setup_teardown(what_is_inside_counts_as_ever, start, stop),
		cmocka_unit_test_setup_teardown(a_packet_that_is_too_large_is_refused, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
