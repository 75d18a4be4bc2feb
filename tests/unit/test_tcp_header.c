/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP headers: lengths, checksum and ports on arrival, and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/checksum.h"
#include "wire/tcp.h"

enum { ROOM = 256 };

static hf_ip over4(const uint8_t *segment, size_t len)
{
	return (hf_ip){
		.version = 4,
		.protocol = HF_IPPROTO_TCP,
		.src = hf_addr_v4(192, 0, 2, 1),
		.dst = hf_addr_v4(198, 51, 100, 2),
		.payload = { segment, len },
	};
}

static hf_ip over6(const uint8_t *segment, size_t len)
{
	hf_ip ip = over4(segment, len);

	ip.version = 6;
	ip.src = (hf_addr){ { 0xfe, 0x80, [15] = 1 } };
	ip.dst = (hf_addr){ { 0xfe, 0x80, [14] = 2, [15] = 3 } };
	return ip;
}

static const hf_tcp sample = {
	.src_port = 50000,
	.dst_port = 443,
	.seq = { 0x01020304 },
	.ack = { 0xa0b0c0d0 },
	.flags = HF_TCP_ACK | HF_TCP_PSH,
	.window = 0xfedc,
	.urgent = 0x1357,
};

/*
 * The sample with `text` octets of text behind it and the right checksum; returns the whole length.
 */
static size_t build(uint8_t *segment, const hf_tcp *t, size_t text)
{
	const size_t header = hf_tcp_emit(t, segment);
	hf_ip ip;

	for (size_t i = 0; i < text; i++)
		segment[header + i] = (uint8_t)(i * 7 + 1);
	ip = over4(segment, header + text);
	hf_tcp_checksum(&ip, segment, header + text);
	return header + text;
}

/* Parses from a heap block of exactly `len` octets. */
static hf_reason parse(const uint8_t *segment, size_t len, bool is_good, hf_tcp *out)
{
	uint8_t *const exact = malloc(len > 0 ? len : 1);
	hf_reason why;
	hf_ip ip;

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, segment, len);
	ip = over4(exact, len);
	why = hf_tcp_parse(&ip, is_good, out);
	free(exact);
	return why;
}

static void a_header_is_written_as_rfc_9293_draws_it(void **state)
{
	const uint8_t expected[20] = {
		0xc3, 0x50, 0x01, 0xbb, 1,    2,    3, 4, 0xa0, 0xb0,
		0xc0, 0xd0, 0x50, 0x18, 0xfe, 0xdc, 0, 0, 0x13, 0x57,
	};
	uint8_t segment[HF_TCP_HEADER_MAX];

	(void)state;
	assert_int_equal(hf_tcp_emit(&sample, segment), 20);
	assert_int_equal(hf_tcp_header_len(&sample), 20);
	assert_memory_equal(segment, expected, sizeof(expected));
}

static void every_field_reads_back(void **state)
{
	uint8_t segment[ROOM];
	hf_tcp sent = sample, got;
	size_t len;
	hf_ip ip;

	(void)state;
	sent.options.present = HF_HAS(MSS) | HF_HAS(TIMESTAMPS);
	sent.options.mss = 536;
	sent.options.tsval = 9;
	len = build(segment, &sent, 11);
	assert_int_equal(len, 20 + 16 + 11);
	assert_int_equal(hf_tcp_header_len(&sent), 36);
	ip = over4(segment, len);
	assert_int_equal(hf_tcp_parse(&ip, false, &got), HF_WHY_NONE);
	assert_int_equal(got.src_port, sent.src_port);
	assert_int_equal(got.dst_port, sent.dst_port);
	assert_int_equal(got.seq.v, sent.seq.v);
	assert_int_equal(got.ack.v, sent.ack.v);
	assert_int_equal(got.flags, sent.flags);
	assert_int_equal(got.window, sent.window);
	assert_int_equal(got.urgent, sent.urgent);
	assert_int_equal(got.options.mss, 536);
	assert_int_equal(got.options.tsval, 9);
	assert_ptr_equal(got.payload.at, segment + 36);
	assert_int_equal(got.payload.len, 11);
}

static void all_twelve_flags_read_back(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 12; bit++) {
		uint8_t segment[ROOM];
		hf_tcp sent = sample, got;
		size_t len;

		sent.flags = (uint16_t)(1u << bit);
		len = build(segment, &sent, 0);
		assert_int_equal(segment[12] >> 4, 5);
		assert_int_equal(parse(segment, len, false, &got), HF_WHY_NONE);
		assert_int_equal(got.flags, sent.flags);
	}
}

static void bits_above_the_flags_do_not_reach_the_data_offset(void **state)
{
	uint8_t segment[ROOM];
	hf_tcp sent = sample;

	(void)state;
	sent.flags = 0xffff;
	build(segment, &sent, 0);
	assert_int_equal(segment[12], 0x5f);
	assert_int_equal(segment[13], 0xff);
}

static void a_segment_below_20_octets_is_short(void **state)
{
	uint8_t segment[ROOM];
	hf_tcp got;

	(void)state;
	build(segment, &sample, 0);
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(parse(segment, len, true, &got), HF_WHY_TCP_SHORT);
	assert_int_equal(parse(segment, 20, true, &got), HF_WHY_NONE);
}

static void the_data_offset_lies_between_5_and_the_end(void **state)
{
	uint8_t segment[ROOM] = { 0 };
	hf_tcp got;

	(void)state;
	build(segment, &sample, 0);
	memset(segment + 20, HF_OPT_NOP, 40);
	for (unsigned offset = 0; offset < 16; offset++) {
		segment[12] = (uint8_t)(offset << 4);
		for (size_t len = 20; len <= 64; len++) {
			const bool possible = offset >= 5 && offset * 4 <= len;

			assert_int_equal(parse(segment, len, true, &got),
					 possible ? HF_WHY_NONE : HF_WHY_TCP_DATA_OFFSET);
			assert_int_equal(got.payload.len, possible ? len - offset * 4 : 0);
		}
	}
}

/* MUST-3 */
static void every_single_wrong_bit_breaks_the_checksum(void **state)
{
	uint8_t segment[ROOM];
	const size_t len = build(segment, &sample, 13);

	(void)state;
	for (size_t bit = 0; bit < len * 8; bit++) {
		hf_tcp got;

		segment[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit / 8 == 12 && bit % 8 >= 4)
			assert_int_not_equal(parse(segment, len, false, &got), HF_WHY_NONE);
		else
			assert_int_equal(parse(segment, len, false, &got), HF_WHY_TCP_CHECKSUM);
		segment[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void a_segment_for_another_address_fails_its_checksum(void **state)
{
	uint8_t segment[ROOM];
	const size_t len = build(segment, &sample, 4);
	hf_ip ip = over4(segment, len);
	hf_tcp got;

	(void)state;
	ip.dst = hf_addr_v4(198, 51, 100, 3);
	assert_int_equal(hf_tcp_parse(&ip, false, &got), HF_WHY_TCP_CHECKSUM);
	assert_int_equal(hf_tcp_parse(&ip, true, &got), HF_WHY_NONE);
}

static void a_wrong_checksum_is_named_before_what_it_may_have_caused(void **state)
{
	uint8_t segment[ROOM];
	hf_tcp sent = sample, got;
	size_t len;

	(void)state;
	sent.options.present = HF_HAS(MSS);
	len = build(segment, &sent, 0);
	segment[21] = 0;
	assert_int_equal(parse(segment, len, false, &got), HF_WHY_TCP_CHECKSUM);
	assert_int_equal(parse(segment, len, true, &got), HF_WHY_TCP_OPTION);
	assert_int_equal(got.src_port, 50000);
}

static void port_0_is_no_endpoint(void **state)
{
	uint8_t segment[ROOM];
	hf_tcp sent = sample, got;

	(void)state;
	sent.src_port = 0;
	assert_int_equal(parse(segment, build(segment, &sent, 0), false, &got), HF_WHY_TCP_PORT);
	sent = sample;
	sent.dst_port = 0;
	assert_int_equal(parse(segment, build(segment, &sent, 0), false, &got), HF_WHY_TCP_PORT);
}

/* A SYN whose checksum was worked out by hand: the one's complement sum of the words below. */
static void a_known_segment_has_a_known_checksum(void **state)
{
	const hf_tcp syn = { .src_port = 1, .dst_port = 2, .flags = HF_TCP_SYN, .window = 3 };
	uint8_t segment[HF_TCP_HEADER_MAX];
	const hf_ip ip = {
		.version = 4,
		.protocol = HF_IPPROTO_TCP,
		.src = hf_addr_v4(10, 0, 0, 1),
		.dst = hf_addr_v4(10, 0, 0, 2),
	};
	/* 0a00 + 0001 + 0a00 + 0002 + 0006 + 0014, then 0001 + 0002 + 5002 + 0003 */
	const uint16_t pseudo = 0x141d, whole = 0x6425;

	(void)state;
	hf_tcp_emit(&syn, segment);
	hf_tcp_checksum_partial(&ip, segment, 20);
	assert_int_equal(hf_get16(segment + HF_TCP_CHECKSUM_AT), pseudo);
	hf_tcp_checksum(&ip, segment, 20);
	assert_int_equal(hf_get16(segment + HF_TCP_CHECKSUM_AT), (uint16_t)~whole);
}

/* What a link does: sum from the header's first octet to the end, complement, store. */
static void a_link_completes_a_partial_checksum(void **state)
{
	for (unsigned version = 4; version <= 6; version += 2) {
		for (size_t text = 0; text < 40; text++) {
			uint8_t segment[ROOM] = { 0 };
			const size_t len = build(segment, &sample, text);
			const hf_ip ip = version == 4 ? over4(segment, len) : over6(segment, len);
			hf_tcp got;

			(void)state;
			hf_tcp_checksum_partial(&ip, segment, len);
			hf_put16(segment + HF_TCP_CHECKSUM_AT,
				 hf_sum_finish(hf_sum_octets(0, segment, len)));
			assert_int_equal(hf_tcp_parse(&ip, false, &got), HF_WHY_NONE);
		}
	}
}

static void syn_and_fin_count_in_the_segment_length(void **state)
{
	hf_tcp t = { .flags = HF_TCP_ACK };

	(void)state;
	assert_int_equal(hf_tcp_seg_len(&t), 0);
	t.flags = HF_TCP_SYN | HF_TCP_FIN;
	t.payload.len = 5;
	assert_int_equal(hf_tcp_seg_len(&t), 7);
}

static void random_segments_never_make_it_read_outside(void **state)
{
	uint32_t seed = 8;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t segment[80];
		hf_tcp got;

		for (size_t i = 0; i < sizeof(segment); i++) {
			seed = seed * 1664525 + 1013904223;
			segment[i] = (uint8_t)(seed >> 24);
		}
		parse(segment, segment[0] % 81, round % 2, &got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_written_as_rfc_9293_draws_it),
		cmocka_unit_test(every_field_reads_back),
		cmocka_unit_test(all_twelve_flags_read_back),
		cmocka_unit_test(bits_above_the_flags_do_not_reach_the_data_offset),
		cmocka_unit_test(a_segment_below_20_octets_is_short),
		cmocka_unit_test(the_data_offset_lies_between_5_and_the_end),
		cmocka_unit_test(every_single_wrong_bit_breaks_the_checksum),
		cmocka_unit_test(a_segment_for_another_address_fails_its_checksum),
		cmocka_unit_test(a_wrong_checksum_is_named_before_what_it_may_have_caused),
		cmocka_unit_test(port_0_is_no_endpoint),
		cmocka_unit_test(a_known_segment_has_a_known_checksum),
		cmocka_unit_test(a_link_completes_a_partial_checksum),
		cmocka_unit_test(syn_and_fin_count_in_the_segment_length),
		cmocka_unit_test(random_segments_never_make_it_read_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
