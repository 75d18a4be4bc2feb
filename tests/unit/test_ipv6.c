/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 headers and extension headers: what RFC 8200 asks of a receiver, and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/ip.h"

enum { ROOM = 512, HOP = 0, ROUTE = 43, FRAG = 44, AH = 51, NONE = 59, DEST = 60 };

/* A packet under construction: the fixed header, then what `add` appends. */
struct packet {
	uint8_t octet[ROOM];
	size_t len;
};

static const hf_addr here = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } };
static const hf_addr there = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } };

static void set_length(struct packet *p)
{
	hf_put16(p->octet + 4, (uint16_t)(p->len - 40));
}

static void start(struct packet *p, uint8_t next)
{
	memset(p, 0, sizeof(*p));
	hf_put32(p->octet, 0x6b8abcde);
	p->octet[6] = next;
	p->octet[7] = 61;
	memcpy(p->octet + 8, here.octet, 16);
	memcpy(p->octet + 24, there.octet, 16);
	p->len = 40;
}

static void add(struct packet *p, const uint8_t *octets, size_t len)
{
	assert_true(p->len + len <= ROOM);
	memcpy(p->octet + p->len, octets, len);
	p->len += len;
	set_length(p);
}

#define ADD(p, ...) add(p, (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }))

/* Parses from a heap block of exactly `len` octets. */
static hf_reason parse_octets(const uint8_t *octets, size_t len, hf_ip *out)
{
	uint8_t *const exact = malloc(len);
	hf_reason why;

	assert_non_null(exact);
	memcpy(exact, octets, len);
	why = hf_ip_parse((hf_view){ exact, len }, out);
	if (out->payload.len > 0)
		assert_true(out->payload.at >= exact &&
			    out->payload.at + out->payload.len <= exact + len);
	free(exact);
	return why;
}

static hf_reason parse(const struct packet *p, hf_ip *out)
{
	return parse_octets(p->octet, p->len, out);
}

/* One extension header of 8 octets, then TCP. */
static hf_reason parse_with(uint8_t kind, const uint8_t six[6])
{
	struct packet p;
	hf_ip ip;

	start(&p, kind);
	ADD(&p, HF_IPPROTO_TCP, 0);
	add(&p, six, 6);
	ADD(&p, 1, 2, 3, 4);
	return parse(&p, &ip);
}

static hf_reason parse_from(hf_addr src, uint8_t protocol, uint8_t first)
{
	struct packet p;
	hf_ip ip;

	start(&p, protocol);
	memcpy(p.octet + 8, src.octet, 16);
	ADD(&p, first, 0, 0, 0);
	return parse(&p, &ip);
}

static hf_reason parse_to(hf_addr dst)
{
	struct packet p;
	hf_ip ip;

	start(&p, HF_IPPROTO_TCP);
	memcpy(p.octet + 24, dst.octet, 16);
	ADD(&p, 1, 2, 3, 4);
	return parse(&p, &ip);
}

static void a_plain_packet_gives_every_field(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, HF_IPPROTO_TCP);
	ADD(&p, 1, 2, 3, 4, 5);
	assert_int_equal(hf_ip_parse((hf_view){ p.octet, p.len }, &ip), HF_WHY_NONE);
	assert_memory_equal(&ip.src, &here, sizeof(here));
	assert_memory_equal(&ip.dst, &there, sizeof(there));
	assert_int_equal(ip.version, 6);
	assert_int_equal(ip.protocol, HF_IPPROTO_TCP);
	assert_int_equal(ip.ttl, 61);
	assert_int_equal(ip.traffic_class, 0xb8);
	assert_int_equal(ip.flow_label, 0xabcde);
	assert_ptr_equal(ip.payload.at, p.octet + 40);
	assert_int_equal(ip.payload.len, 5);
}

static void lengths_are_reconciled(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, HF_IPPROTO_TCP);
	ADD(&p, 1, 2, 3, 4, 5);
	for (size_t len = 1; len < 40; len++)
		assert_int_equal(parse_octets(p.octet, len, &ip), HF_WHY_IP_SHORT);
	for (size_t len = 40; len < 45; len++)
		assert_int_equal(parse_octets(p.octet, len, &ip), HF_WHY_IP_LENGTH);
	assert_int_equal(parse_octets(p.octet, 45, &ip), HF_WHY_NONE);
	assert_int_equal(parse_octets(p.octet, 60, &ip), HF_WHY_NONE);
	assert_int_equal(ip.payload.len, 5);
}

static void padding_and_skippable_options_are_walked_over(void **state)
{
	(void)state;
	assert_int_equal(parse_with(HOP, (uint8_t[6]){ 1, 4, 0, 0, 0, 0 }), HF_WHY_NONE);
	assert_int_equal(parse_with(HOP, (uint8_t[6]){ 0, 0, 0, 0, 0, 0 }), HF_WHY_NONE);
	assert_int_equal(parse_with(HOP, (uint8_t[6]){ 5, 2, 0, 0, 1, 0 }), HF_WHY_NONE);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 0x3e, 4, 0, 0, 0, 0 }), HF_WHY_NONE);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 0x3e, 3, 0, 0, 0, 0 }), HF_WHY_NONE);
}

static void options_whose_top_bits_ask_for_it_drop_the_packet(void **state)
{
	(void)state;
	assert_int_equal(parse_with(HOP, (uint8_t[6]){ 0x40, 4 }), HF_WHY_IP6_EXTENSION_UNKNOWN);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 0x80, 4 }), HF_WHY_IP6_EXTENSION_UNKNOWN);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 0xc9, 4 }), HF_WHY_IP6_EXTENSION_UNKNOWN);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 0, 0, 0, 0, 0x40, 0 }),
			 HF_WHY_IP6_EXTENSION_UNKNOWN);
}

static void options_that_run_past_their_header_are_malformed(void **state)
{
	(void)state;
	assert_int_equal(parse_with(HOP, (uint8_t[6]){ 1, 5, 0, 0, 0, 0 }), HF_WHY_IP6_EXTENSION);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 1, 3, 0, 0, 0, 1 }), HF_WHY_IP6_EXTENSION);
	assert_int_equal(parse_with(DEST, (uint8_t[6]){ 1, 255, 0, 0, 0, 0 }),
			 HF_WHY_IP6_EXTENSION);
}

static void a_routing_header_is_skipped_only_with_no_segments_left(void **state)
{
	(void)state;
	assert_int_equal(parse_with(ROUTE, (uint8_t[6]){ 0, 0 }), HF_WHY_NONE);
	assert_int_equal(parse_with(ROUTE, (uint8_t[6]){ 4, 0 }), HF_WHY_NONE);
	assert_int_equal(parse_with(ROUTE, (uint8_t[6]){ 4, 1 }), HF_WHY_IP6_EXTENSION_UNKNOWN);
	assert_int_equal(parse_with(ROUTE, (uint8_t[6]){ 0, 255 }), HF_WHY_IP6_EXTENSION_UNKNOWN);
}

static void an_atomic_fragment_is_a_whole_packet(void **state)
{
	(void)state;
	assert_int_equal(parse_with(FRAG, (uint8_t[6]){ 0, 0, 1, 2, 3, 4 }), HF_WHY_NONE);
	assert_int_equal(parse_with(FRAG, (uint8_t[6]){ 0, 6, 1, 2, 3, 4 }), HF_WHY_NONE);
	assert_int_equal(parse_with(FRAG, (uint8_t[6]){ 0, 1, 1, 2, 3, 4 }), HF_WHY_IP_FRAGMENT);
	assert_int_equal(parse_with(FRAG, (uint8_t[6]){ 0, 8, 1, 2, 3, 4 }), HF_WHY_IP_FRAGMENT);
	assert_int_equal(parse_with(FRAG, (uint8_t[6]){ 0x80, 0, 1, 2, 3, 4 }), HF_WHY_IP_FRAGMENT);
}

static void the_length_octet_of_a_fragment_header_is_reserved(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, FRAG);
	ADD(&p, HF_IPPROTO_TCP, 255, 0, 0, 1, 2, 3, 4);
	ADD(&p, 7, 7, 7);
	assert_int_equal(parse(&p, &ip), HF_WHY_NONE);
	assert_int_equal(ip.payload.len, 3);
}

static void a_whole_chain_in_order_leads_to_the_payload(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, HOP);
	ADD(&p, DEST, 0, 1, 4, 0, 0, 0, 0);
	ADD(&p, ROUTE, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	ADD(&p, FRAG, 2, 4, 0, 0, 0, 0, 0);
	ADD(&p, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	ADD(&p, DEST, 0, 0, 0, 0, 0, 0, 9);
	ADD(&p, HF_IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0);
	ADD(&p, 'x', 'y', 'z');
	assert_int_equal(hf_ip_parse((hf_view){ p.octet, p.len }, &ip), HF_WHY_NONE);
	assert_int_equal(ip.protocol, HF_IPPROTO_TCP);
	assert_int_equal(ip.payload.len, 3);
	assert_memory_equal(ip.payload.at, "xyz", 3);
}

static void hop_by_hop_options_stand_first_or_not_at_all(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, DEST);
	ADD(&p, HOP, 0, 1, 4, 0, 0, 0, 0);
	ADD(&p, HF_IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION);

	start(&p, HOP);
	ADD(&p, HOP, 0, 1, 4, 0, 0, 0, 0);
	ADD(&p, HF_IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION);
}

static void an_extension_header_past_the_end_is_malformed(void **state)
{
	const uint8_t kinds[] = { HOP, ROUTE, FRAG, DEST };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		struct packet p;
		hf_ip ip;

		start(&p, kinds[i]);
		for (size_t len = 1; len < 8; len++) {
			ADD(&p, 0);
			assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION);
		}
	}
	for (unsigned units = 1; units < 256; units++) {
		struct packet p;
		hf_ip ip;

		start(&p, DEST);
		ADD(&p, HF_IPPROTO_TCP, (uint8_t)units, 1, 4, 0, 0, 0, 0);
		ADD(&p, 1, 5, 0, 0, 0, 0, 0);
		assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION);
	}
}

static void a_chain_has_an_end(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, DEST);
	for (unsigned n = 0; n < 7; n++)
		ADD(&p, DEST, 0, 1, 4, 0, 0, 0, 0);
	ADD(&p, HF_IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_NONE);

	start(&p, DEST);
	for (unsigned n = 0; n < 8; n++)
		ADD(&p, DEST, 0, 1, 4, 0, 0, 0, 0);
	ADD(&p, HF_IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION);
}

static void no_next_header_means_that_nothing_follows(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, NONE);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_NO_NEXT);
	start(&p, DEST);
	ADD(&p, NONE, 0, 1, 4, 0, 0, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_NO_NEXT);
}

static void an_authentication_header_is_left_to_the_caller_as_a_protocol(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, AH);
	ADD(&p, HF_IPPROTO_TCP, 4, 0, 0, 0, 0, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_NONE);
	assert_int_equal(ip.protocol, AH);
	assert_int_equal(ip.payload.len, 8);
}

static void jumbograms_are_refused(void **state)
{
	struct packet p;
	hf_ip ip;

	(void)state;
	start(&p, HOP);
	ADD(&p, HF_IPPROTO_TCP, 0, 0xc2, 4, 0, 1, 0, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION_UNKNOWN);
	hf_put16(p.octet + 4, 0);
	assert_int_equal(parse(&p, &ip), HF_WHY_IP6_EXTENSION_UNKNOWN);
}

static void groups_and_ipv4_addresses_cannot_be_a_sender(void **state)
{
	const hf_addr group = { { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } };
	const hf_addr loopback = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } };

	(void)state;
	assert_int_equal(parse_from(group, HF_IPPROTO_TCP, 0), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(hf_addr_v4(192, 0, 2, 1), HF_IPPROTO_TCP, 0), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(loopback, HF_IPPROTO_TCP, 0), HF_WHY_NONE);
}

static void only_a_host_that_asks_for_its_address_may_lack_one(void **state)
{
	const hf_addr none = { { 0 } };

	(void)state;
	assert_int_equal(parse_from(none, HF_IPPROTO_TCP, 135), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(none, HF_IPPROTO_ICMP6, 135), HF_WHY_NONE);
	assert_int_equal(parse_from(none, HF_IPPROTO_ICMP6, 133), HF_WHY_NONE);
	assert_int_equal(parse_from(none, HF_IPPROTO_ICMP6, 143), HF_WHY_NONE);
	assert_int_equal(parse_from(none, HF_IPPROTO_ICMP6, 136), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(none, HF_IPPROTO_ICMP6, 128), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(none, HF_IPPROTO_ICMP6, 1), HF_WHY_IP_SOURCE);
}

static void a_destination_that_means_ipv4_or_nothing_is_not_ours(void **state)
{
	const hf_addr none = { { 0 } };

	(void)state;
	assert_int_equal(parse_to(hf_addr_v4(10, 0, 0, 1)), HF_WHY_IP_NOT_OURS);
	assert_int_equal(parse_to(none), HF_WHY_IP_NOT_OURS);
	assert_int_equal(parse_to(there), HF_WHY_NONE);
}

static void what_is_written_reads_back(void **state)
{
	const hf_ip sent = {
		.src = here,
		.dst = there,
		.version = 6,
		.protocol = HF_IPPROTO_ICMP6,
		.ttl = 255,
		.traffic_class = 0xa5,
		.flow_label = 0xfff54321,
	};
	uint8_t packet[HF_IP_HEADER_MAX + 9] = { 0 };
	hf_ip got;

	(void)state;
	assert_int_equal(hf_ip_header_len(&sent), 40);
	assert_int_equal(hf_ip_emit(&sent, 9, packet), 40);
	assert_int_equal(hf_ip_parse((hf_view){ packet, sizeof(packet) }, &got), HF_WHY_NONE);
	assert_int_equal(got.version, 6);
	assert_int_equal(got.payload.len, 9);
	assert_memory_equal(&got.src, &here, sizeof(here));
	assert_memory_equal(&got.dst, &there, sizeof(there));
	assert_int_equal(got.protocol, HF_IPPROTO_ICMP6);
	assert_int_equal(got.ttl, 255);
	assert_int_equal(got.traffic_class, 0xa5);
	assert_int_equal(got.flow_label, 0x54321);
}

static void random_chains_never_make_it_read_outside(void **state)
{
	const uint8_t kinds[] = { HOP, ROUTE, FRAG, DEST, DEST, HF_IPPROTO_TCP, NONE, AH };
	uint32_t seed = 5;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct packet p;
		hf_ip ip;

		start(&p, kinds[round % 8]);
		for (size_t i = 0; i < 120; i++) {
			seed = seed * 1664525 + 1013904223;
			if (i % 8 == 0)
				ADD(&p, kinds[seed >> 29]);
			else
				ADD(&p, (uint8_t)(seed >> 24 & (seed >> 16)) % 8);
		}
		p.len = 40 + (seed >> 8) % 121;
		set_length(&p);
		parse(&p, &ip);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_packet_gives_every_field),
		cmocka_unit_test(lengths_are_reconciled),
		cmocka_unit_test(padding_and_skippable_options_are_walked_over),
		cmocka_unit_test(options_whose_top_bits_ask_for_it_drop_the_packet),
		cmocka_unit_test(options_that_run_past_their_header_are_malformed),
		cmocka_unit_test(a_routing_header_is_skipped_only_with_no_segments_left),
		cmocka_unit_test(an_atomic_fragment_is_a_whole_packet),
		cmocka_unit_test(the_length_octet_of_a_fragment_header_is_reserved),
		cmocka_unit_test(a_whole_chain_in_order_leads_to_the_payload),
		cmocka_unit_test(hop_by_hop_options_stand_first_or_not_at_all),
		cmocka_unit_test(an_extension_header_past_the_end_is_malformed),
		cmocka_unit_test(a_chain_has_an_end),
		cmocka_unit_test(no_next_header_means_that_nothing_follows),
		cmocka_unit_test(an_authentication_header_is_left_to_the_caller_as_a_protocol),
		cmocka_unit_test(jumbograms_are_refused),
		cmocka_unit_test(groups_and_ipv4_addresses_cannot_be_a_sender),
		cmocka_unit_test(only_a_host_that_asks_for_its_address_may_lack_one),
		cmocka_unit_test(a_destination_that_means_ipv4_or_nothing_is_not_ours),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(random_chains_never_make_it_read_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
