/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 headers: what RFC 791 and RFC 1122 ask of a receiver, and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/checksum.h"
#include "wire/ip.h"

enum { ROOM = 128 };

/*
 * 192.0.2.1 to 198.51.100.2, TCP, DF, TTL 64, 32 octets in all; the checksum is filled in by
 * `seal`.
 */
static const uint8_t plain[32] = {
	0x45, 0x28, 0,   32, 0x12, 0x34, 0x40, 0,   64,  6,   0,   0,   192, 0,   2,   1,
	198,  51,   100, 2,  'a',  'b',  'c',  'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l',
};

static void seal(uint8_t *packet)
{
	const size_t header = (size_t)(packet[0] & 15) * 4;

	hf_put16(packet + 10, 0);
	hf_put16(packet + 10, hf_sum_finish(hf_sum_octets(0, packet, header)));
}

/* Parses from a heap block of exactly `len` octets. */
static hf_reason parse(const uint8_t *octets, size_t len, hf_ip *out)
{
	uint8_t *const exact = malloc(len > 0 ? len : 1);
	hf_reason why;

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, octets, len);
	why = hf_ip_parse((hf_view){ exact, len }, out);
	if (out->payload.len > 0)
		assert_true(out->payload.at >= exact &&
			    out->payload.at + out->payload.len <= exact + len);
	free(exact);
	return why;
}

static hf_reason parse_changed(size_t at, uint8_t octet)
{
	uint8_t packet[sizeof(plain)];
	hf_ip ip;

	memcpy(packet, plain, sizeof(packet));
	packet[at] = octet;
	seal(packet);
	return parse(packet, sizeof(packet), &ip);
}

static hf_reason parse_from(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	uint8_t packet[sizeof(plain)];
	hf_ip ip;

	memcpy(packet, plain, sizeof(packet));
	memcpy(packet + 12, (uint8_t[]){ a, b, c, d }, 4);
	seal(packet);
	return parse(packet, sizeof(packet), &ip);
}

static void a_plain_packet_gives_every_field(void **state)
{
	const hf_addr src = hf_addr_v4(192, 0, 2, 1), dst = hf_addr_v4(198, 51, 100, 2);
	uint8_t packet[sizeof(plain)];
	hf_ip ip;

	(void)state;
	memcpy(packet, plain, sizeof(packet));
	seal(packet);
	assert_int_equal(hf_ip_parse((hf_view){ packet, sizeof(packet) }, &ip), HF_WHY_NONE);
	assert_memory_equal(&ip.src, &src, sizeof(src));
	assert_memory_equal(&ip.dst, &dst, sizeof(dst));
	assert_int_equal(ip.version, 4);
	assert_int_equal(ip.protocol, HF_IPPROTO_TCP);
	assert_int_equal(ip.ttl, 64);
	assert_int_equal(ip.traffic_class, 0x28);
	assert_int_equal(ip.id, 0x1234);
	assert_true(ip.dont_fragment);
	assert_int_equal(ip.options.len, 0);
	assert_ptr_equal(ip.payload.at, packet + 20);
	assert_int_equal(ip.payload.len, 12);
}

static void padding_after_the_ip_length_is_cut_off(void **state)
{
	uint8_t packet[60] = { 0 };
	hf_ip ip;

	(void)state;
	memcpy(packet, plain, sizeof(plain));
	seal(packet);
	assert_int_equal(parse(packet, sizeof(packet), &ip), HF_WHY_NONE);
	assert_int_equal(ip.payload.len, 12);
}

static void one_octet_missing_is_a_wrong_length(void **state)
{
	uint8_t packet[sizeof(plain)];
	hf_ip ip;

	(void)state;
	memcpy(packet, plain, sizeof(packet));
	seal(packet);
	assert_int_equal(parse(packet, sizeof(packet) - 1, &ip), HF_WHY_IP_LENGTH);
	assert_int_equal(parse_changed(3, 33), HF_WHY_IP_LENGTH);
	assert_int_equal(parse_changed(2, 1), HF_WHY_IP_LENGTH);
}

static void a_packet_below_20_octets_is_short(void **state)
{
	hf_ip ip;

	(void)state;
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(parse(plain, len, &ip), HF_WHY_IP_SHORT);
}

static void only_versions_4_and_6_exist(void **state)
{
	(void)state;
	for (unsigned version = 0; version < 16; version++)
		if (version != 4 && version != 6)
			assert_int_equal(parse_changed(0, (uint8_t)(version << 4 | 5)),
					 HF_WHY_IP_VERSION);
}

static void a_header_length_below_5_or_past_the_packet_is_impossible(void **state)
{
	(void)state;
	for (uint8_t words = 0; words < 5; words++)
		assert_int_equal(parse_changed(0, 0x40 | words), HF_WHY_IP_HEADER_LENGTH);
	assert_int_equal(parse_changed(0, 0x48), HF_WHY_NONE);

	for (uint8_t words = 9; words < 16; words++) {
		uint8_t packet[64] = { 0 };
		hf_ip ip;

		memcpy(packet, plain, sizeof(plain));
		packet[0] = 0x40 | words;
		seal(packet);
		assert_int_equal(parse(packet, sizeof(packet), &ip), HF_WHY_IP_HEADER_LENGTH);
	}
	assert_int_equal(parse_changed(3, 19), HF_WHY_IP_HEADER_LENGTH);
	assert_int_equal(parse_changed(3, 20), HF_WHY_NONE);
}

static void every_single_wrong_bit_in_the_header_breaks_the_checksum(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 160; bit++) {
		uint8_t packet[sizeof(plain)];
		hf_ip ip;

		memcpy(packet, plain, sizeof(packet));
		seal(packet);
		packet[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		assert_int_not_equal(parse(packet, sizeof(packet), &ip), HF_WHY_NONE);
		if (bit / 8 >= 4)
			assert_int_equal(parse(packet, sizeof(packet), &ip), HF_WHY_IP_CHECKSUM);
	}
}

/* MUST-50 */
static void options_are_kept_as_they_came(void **state)
{
	const uint8_t record_route[] = { 7, 7, 4, 1, 2, 3, 4, 0 };
	uint8_t packet[32] = { 0 };
	hf_ip ip;

	(void)state;
	memcpy(packet, plain, 20);
	packet[0] = 0x47;
	memcpy(packet + 20, record_route, sizeof(record_route));
	seal(packet);
	assert_int_equal(hf_ip_parse((hf_view){ packet, sizeof(packet) }, &ip), HF_WHY_NONE);
	assert_int_equal(ip.options.len, sizeof(record_route));
	assert_ptr_equal(ip.options.at, packet + 20);
	assert_ptr_equal(ip.payload.at, packet + 28);
	assert_int_equal(ip.payload.len, 4);
}

static void the_checksum_covers_the_options(void **state)
{
	uint8_t packet[32];
	hf_ip ip;

	(void)state;
	memcpy(packet, plain, sizeof(packet));
	packet[0] = 0x47;
	seal(packet);
	packet[27] ^= 1;
	assert_int_equal(parse(packet, sizeof(packet), &ip), HF_WHY_IP_CHECKSUM);
}

static void first_middle_and_last_fragments_are_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_changed(6, 0x20), HF_WHY_IP_FRAGMENT);
	assert_int_equal(parse_changed(6, 0x10), HF_WHY_IP_FRAGMENT);
	assert_int_equal(parse_changed(7, 0x01), HF_WHY_IP_FRAGMENT);
	assert_int_equal(parse_changed(6, 0x00), HF_WHY_NONE);
	/* The reserved bit says nothing about fragments. */
	assert_int_equal(parse_changed(6, 0x80), HF_WHY_NONE);
}

static void addresses_that_cannot_be_a_sender_are_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_from(0, 0, 0, 0), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(0, 1, 2, 3), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(224, 0, 0, 1), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(239, 255, 255, 255), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(255, 255, 255, 255), HF_WHY_IP_SOURCE);
	assert_int_equal(parse_from(1, 0, 0, 0), HF_WHY_NONE);
	assert_int_equal(parse_from(127, 0, 0, 1), HF_WHY_NONE);
	assert_int_equal(parse_from(223, 255, 255, 255), HF_WHY_NONE);
	assert_int_equal(parse_from(240, 0, 0, 1), HF_WHY_NONE);
	assert_int_equal(parse_from(255, 255, 255, 254), HF_WHY_NONE);
}

static void addresses_are_known_even_of_a_refused_packet(void **state)
{
	const hf_addr src = hf_addr_v4(192, 0, 2, 1);
	uint8_t packet[sizeof(plain)];
	hf_ip ip;

	(void)state;
	memcpy(packet, plain, sizeof(packet));
	assert_int_equal(parse(packet, sizeof(packet), &ip), HF_WHY_IP_CHECKSUM);
	assert_memory_equal(&ip.src, &src, sizeof(src));
	packet[3] = 200;
	assert_int_equal(parse(packet, sizeof(packet), &ip), HF_WHY_IP_LENGTH);
	assert_memory_equal(&ip.src, &src, sizeof(src));
}

static void what_is_written_reads_back(void **state)
{
	const hf_ip sent = {
		.src = hf_addr_v4(10, 0, 0, 1),
		.dst = hf_addr_v4(10, 0, 0, 254),
		.version = 4,
		.protocol = HF_IPPROTO_TCP,
		.ttl = 63,
		.traffic_class = 0xb9,
		.dont_fragment = true,
		.id = 0xfedc,
	};
	uint8_t packet[HF_IP_HEADER_MAX + 8] = { 0 };
	hf_ip got;

	(void)state;
	assert_int_equal(hf_ip_header_len(&sent), 20);
	assert_int_equal(hf_ip_emit(&sent, 8, packet), 20);
	assert_int_equal(hf_ip_parse((hf_view){ packet, 28 }, &got), HF_WHY_NONE);
	assert_int_equal(got.payload.len, 8);
	assert_memory_equal(&got.src, &sent.src, sizeof(hf_addr));
	assert_memory_equal(&got.dst, &sent.dst, sizeof(hf_addr));
	assert_int_equal(got.protocol, sent.protocol);
	assert_int_equal(got.ttl, sent.ttl);
	assert_int_equal(got.traffic_class, sent.traffic_class);
	assert_int_equal(got.id, sent.id);
	assert_true(got.dont_fragment);
}

static void the_dont_fragment_bit_is_only_set_when_asked_for(void **state)
{
	const hf_ip sent = { .version = 4, .src = hf_addr_v4(1, 2, 3, 4), .ttl = 1 };
	uint8_t packet[HF_IP_HEADER_MAX];

	(void)state;
	hf_ip_emit(&sent, 0, packet);
	assert_int_equal(hf_get16(packet + 6), 0);
	assert_int_equal(hf_get16(packet + 2), 20);
}

static void random_octets_never_make_it_read_outside(void **state)
{
	uint32_t seed = 4;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t packet[ROOM];
		size_t len;
		hf_ip ip;

		for (size_t i = 0; i < sizeof(packet); i++) {
			seed = seed * 1664525 + 1013904223;
			packet[i] = (uint8_t)(seed >> 24);
		}
		len = packet[0] % ROOM;
		packet[0] = 0x40 | (packet[1] & 15);
		packet[2] = 0;
		packet[3] = packet[3] % ROOM;
		if (len >= 64)
			seal(packet);
		parse(packet, len, &ip);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_packet_gives_every_field),
		cmocka_unit_test(padding_after_the_ip_length_is_cut_off),
		cmocka_unit_test(one_octet_missing_is_a_wrong_length),
		cmocka_unit_test(a_packet_below_20_octets_is_short),
		cmocka_unit_test(only_versions_4_and_6_exist),
		cmocka_unit_test(a_header_length_below_5_or_past_the_packet_is_impossible),
		cmocka_unit_test(every_single_wrong_bit_in_the_header_breaks_the_checksum),
		cmocka_unit_test(options_are_kept_as_they_came),
		cmocka_unit_test(the_checksum_covers_the_options),
		cmocka_unit_test(first_middle_and_last_fragments_are_refused),
		cmocka_unit_test(addresses_that_cannot_be_a_sender_are_refused),
		cmocka_unit_test(addresses_are_known_even_of_a_refused_packet),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(the_dont_fragment_bit_is_only_set_when_asked_for),
		cmocka_unit_test(random_octets_never_make_it_read_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
