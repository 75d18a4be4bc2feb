/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbour solicitations and advertisements against the validation rules of RFC 4861 7.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/nd.h"

static const hf_addr ours = { { 0xfe, 0x80, [13] = 0x12, 0x34, 0x56 } };
static const hf_addr theirs = { { 0xfe, 0x80, [15] = 2 } };
static const hf_mac mac = { { 2, 0, 0, 0, 0, 9 } };

/* A message as it lies after the ICMPv6 checksum, and the packet around it. */
struct message {
	hf_ip ip;
	uint8_t type, code;
	uint8_t body[64];
	size_t len;
};

static struct message start(uint8_t type)
{
	struct message m = { .type = type, .len = 20 };

	m.ip.version = 6;
	m.ip.protocol = HF_IPPROTO_ICMP6;
	m.ip.ttl = 255;
	m.ip.src = theirs;
	m.ip.dst = ours;
	memcpy(m.body + 4, ours.octet, 16);
	return m;
}

static void add_option(struct message *m, uint8_t kind, uint8_t units)
{
	m->body[m->len] = kind;
	m->body[m->len + 1] = units;
	memcpy(m->body + m->len + 2, mac.octet, 6);
	m->len += 8;
}

/* Parses from a heap block of exactly the body's length. */
static hf_reason parse(const struct message *m, hf_nd *out)
{
	uint8_t *const exact = malloc(m->len > 0 ? m->len : 1);
	const hf_icmp icmp = {
		.kind = HF_ICMP_NEIGHBOUR,
		.type = m->type,
		.code = m->code,
		.body = { exact, m->len },
	};
	hf_reason why;

	assert_non_null(exact);
	memcpy(exact, m->body, m->len);
	why = hf_nd_parse(&m->ip, &icmp, out);
	free(exact);
	return why;
}

static void a_solicitation_gives_target_and_link_address(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.type, HF_ND_SOLICIT);
	assert_memory_equal(&got.target, &ours, sizeof(ours));
	assert_false(got.has_mac);
	add_option(&m, 1, 1);
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	assert_true(got.has_mac);
	assert_true(hf_mac_equal(&got.mac, &mac));
}

static void each_message_has_its_own_link_address_option(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	add_option(&m, 2, 1);
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	assert_false(got.has_mac);
	m = start(HF_ND_ADVERTISE);
	add_option(&m, 1, 1);
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	assert_false(got.has_mac);
	add_option(&m, 2, 1);
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	assert_true(got.has_mac);
}

static void the_flags_of_an_advertisement_are_told_apart(void **state)
{
	const uint8_t bits[] = { 0x80, 0x40, 0x20, 0x10 };

	(void)state;
	for (size_t i = 0; i < sizeof(bits); i++) {
		struct message m = start(HF_ND_ADVERTISE);
		hf_nd got;

		m.body[0] = bits[i];
		assert_int_equal(parse(&m, &got), HF_WHY_NONE);
		assert_int_equal(got.router, i == 0);
		assert_int_equal(got.solicited, i == 1);
		assert_int_equal(got.override, i == 2);
	}
}

static void a_hop_limit_below_255_is_from_off_the_link(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	m.ip.ttl = 254;
	assert_int_equal(parse(&m, &got), HF_WHY_ND_HOP_LIMIT);
}

static void other_codes_and_types_are_malformed(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	m.code = 1;
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	m = start(134);
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
}

static void a_message_below_24_octets_is_malformed(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	for (m.len = 0; m.len < 20; m.len++)
		assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
}

static void a_target_must_be_a_true_ipv6_unicast_address(void **state)
{
	const hf_addr targets[] = { { { 0xff, 2, [15] = 1 } }, { { 0 } }, hf_addr_v4(10, 0, 0, 1) };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct message m = start(HF_ND_ADVERTISE);
		hf_nd got;

		memcpy(m.body + 4, targets[i].octet, 16);
		assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	}
}

static void options_of_length_zero_or_past_the_end_are_malformed(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	add_option(&m, 14, 0);
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	m.body[21] = 2;
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	m.body[21] = 1;
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	for (m.len = 21; m.len < 28; m.len++)
		assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
}

static void a_link_address_of_another_length_or_of_a_group_is_malformed(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	add_option(&m, 1, 2);
	m.len += 8;
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	m = start(HF_ND_SOLICIT);
	add_option(&m, 1, 1);
	m.body[22] |= 1;
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
}

/* RFC 4861 7.1.1, the last two rules. */
static void duplicate_address_detection_goes_to_the_solicited_node_group(void **state)
{
	struct message m = start(HF_ND_SOLICIT);
	hf_nd got;

	(void)state;
	m.ip.src = (hf_addr){ { 0 } };
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
	m.ip.dst = hf_nd_solicited_node(&ours);
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	add_option(&m, 1, 1);
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
}

static void a_solicited_advertisement_does_not_go_to_a_group(void **state)
{
	struct message m = start(HF_ND_ADVERTISE);
	hf_nd got;

	(void)state;
	m.ip.dst = (hf_addr){ { 0xff, 2, [15] = 1 } };
	assert_int_equal(parse(&m, &got), HF_WHY_NONE);
	m.body[0] = 0x40;
	assert_int_equal(parse(&m, &got), HF_WHY_ND_MALFORMED);
}

/* RFC 4291 2.7.1, with its example. */
static void the_solicited_node_group_has_the_low_24_bits(void **state)
{
	const hf_addr node = { { 0x40, 0x37, [8] = 0x01, 0x02, 0, 0x08, 0x00, 0x0e, 0x8c, 0x6c } };
	const hf_addr expected = { { 0xff, 2, [11] = 1, 0xff, 0x0e, 0x8c, 0x6c } };
	const hf_addr got = hf_nd_solicited_node(&node);

	(void)state;
	assert_memory_equal(&got, &expected, sizeof(got));
}

static void assert_reads_back(const hf_nd *sent, size_t len)
{
	uint8_t octets[HF_ND_LEN];
	hf_ip ip = start(sent->type).ip;
	hf_icmp icmp;
	hf_nd got;

	memset(octets, 0xee, sizeof(octets));
	assert_int_equal(hf_nd_emit(&ip, sent, octets), len);
	ip.payload = (hf_view){ octets, len };
	assert_int_equal(hf_icmp_parse(&ip, &icmp), HF_WHY_NONE);
	assert_int_equal(icmp.kind, HF_ICMP_NEIGHBOUR);
	assert_int_equal(hf_nd_parse(&ip, &icmp, &got), HF_WHY_NONE);
	assert_int_equal(got.type, sent->type);
	assert_memory_equal(&got.target, &sent->target, sizeof(hf_addr));
	assert_int_equal(got.has_mac, sent->has_mac);
	assert_true(!sent->has_mac || hf_mac_equal(&got.mac, &sent->mac));
	assert_int_equal(got.solicited, sent->solicited);
	assert_int_equal(got.override, sent->override);
	assert_int_equal(got.router, sent->router);
}

static void what_is_written_reads_back(void **state)
{
	hf_nd nd = { .type = HF_ND_SOLICIT, .target = ours };

	(void)state;
	assert_reads_back(&nd, 24);
	nd.has_mac = true;
	nd.mac = mac;
	assert_reads_back(&nd, HF_ND_LEN);
	nd.type = HF_ND_ADVERTISE;
	nd.solicited = true;
	assert_reads_back(&nd, HF_ND_LEN);
	nd.override = true;
	nd.router = true;
	nd.has_mac = false;
	assert_reads_back(&nd, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_solicitation_gives_target_and_link_address),
		cmocka_unit_test(each_message_has_its_own_link_address_option),
		cmocka_unit_test(the_flags_of_an_advertisement_are_told_apart),
		cmocka_unit_test(a_hop_limit_below_255_is_from_off_the_link),
		cmocka_unit_test(other_codes_and_types_are_malformed),
		cmocka_unit_test(a_message_below_24_octets_is_malformed),
		cmocka_unit_test(a_target_must_be_a_true_ipv6_unicast_address),
		cmocka_unit_test(options_of_length_zero_or_past_the_end_are_malformed),
		cmocka_unit_test(a_link_address_of_another_length_or_of_a_group_is_malformed),
		cmocka_unit_test(duplicate_address_detection_goes_to_the_solicited_node_group),
		cmocka_unit_test(a_solicited_advertisement_does_not_go_to_a_group),
		cmocka_unit_test(the_solicited_node_group_has_the_low_24_bits),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
