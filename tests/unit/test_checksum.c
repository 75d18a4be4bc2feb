/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum against RFC 1071 and a loop that is slow and plain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/checksum.h"

enum { LONGEST = 2000, ALIGNMENTS = 8 };

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* RFC 1071, 4.1: word by word in network order, the carry brought back each time. */
static uint16_t plain_sum(uint16_t start, const uint8_t *at, size_t len)
{
	uint32_t sum = start;

	for (size_t i = 0; i < len; i += 2) {
		sum += (uint32_t)at[i] << 8 | (i + 1 < len ? at[i + 1] : 0u);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

static void the_example_of_rfc_1071_gives_ddf2(void **state)
{
	const uint8_t octets[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(hf_sum_fold(hf_sum_octets(0, octets, sizeof(octets))), 0xddf2);
	assert_int_equal(hf_sum_finish(hf_sum_octets(0, octets, sizeof(octets))), 0x220d);
}

static void nothing_adds_nothing(void **state)
{
	uint8_t zeros[64] = { 0 };

	(void)state;
	assert_int_equal(hf_sum_fold(hf_sum_octets(0, zeros, 0)), 0);
	assert_int_equal(hf_sum_fold(hf_sum_octets(0, zeros, sizeof(zeros))), 0);
	assert_int_equal(hf_sum_fold(hf_sum_octets(0x1234, zeros, 0)), 0x1234);
}

static void an_odd_octet_is_padded_on_the_right(void **state)
{
	const uint8_t octets[] = { 0x12, 0x34, 0xab };

	(void)state;
	assert_int_equal(hf_sum_fold(hf_sum_octets(0, octets, 1)), 0x1200);
	assert_int_equal(hf_sum_fold(hf_sum_octets(0, octets, 3)), 0x1234 + 0xab00);
}

static void every_length_and_alignment_agrees_with_the_plain_loop(void **state)
{
	static uint8_t area[LONGEST + ALIGNMENTS];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(area); i++)
		area[i] = (uint8_t)next_random(&seed);
	for (size_t len = 0; len <= LONGEST; len++)
		for (size_t align = 0; align < ALIGNMENTS; align++)
			assert_int_equal(hf_sum_fold(hf_sum_octets(0, area + align, len)),
					 plain_sum(0, area + align, len));
}

static void octets_that_carry_at_every_step_agree_with_the_plain_loop(void **state)
{
	static uint8_t area[LONGEST];

	(void)state;
	memset(area, 0xff, sizeof(area));
	for (size_t len = 0; len <= LONGEST; len++)
		assert_int_equal(hf_sum_fold(hf_sum_octets(0, area, len)), plain_sum(0, area, len));
	for (size_t at = 0; at < 64; at++) {
		memset(area, 0, sizeof(area));
		area[at] = 0x80;
		area[at + 64] = 0x80;
		area[at + 128] = 0xff;
		assert_int_equal(hf_sum_fold(hf_sum_octets(0, area, 256)), plain_sum(0, area, 256));
	}
}

static void octets_outside_the_area_are_not_read(void **state)
{
	(void)state;
	for (size_t len = 1; len < 100; len++) {
		uint8_t *exact = malloc(len);

		assert_non_null(exact);
		memset(exact, 0x5a, len);
		assert_int_equal(hf_sum_fold(hf_sum_octets(0, exact, len)),
				 plain_sum(0, exact, len));
		free(exact);
	}
}

static void pieces_add_up_to_the_whole(void **state)
{
	static uint8_t area[LONGEST];
	uint32_t seed = 2;

	(void)state;
	for (size_t i = 0; i < sizeof(area); i++)
		area[i] = (uint8_t)next_random(&seed);
	for (size_t cut = 0; cut <= LONGEST; cut += 2) {
		hf_sum sum = hf_sum_octets(0, area, cut);

		sum = hf_sum_octets(sum, area + cut, sizeof(area) - cut);
		assert_int_equal(hf_sum_fold(sum), plain_sum(0, area, sizeof(area)));
	}
}

static void any_64_bit_number_is_a_running_sum(void **state)
{
	const uint8_t one[] = { 0x00, 0x01 };

	(void)state;
	assert_int_equal(hf_sum_fold(UINT64_MAX), 0xffff);
	assert_int_equal(hf_sum_fold(hf_sum_octets(UINT64_MAX, one, 2)), 1);
	assert_int_equal(hf_sum_fold(UINT64_C(0xffff000000000001)), 1);
	assert_int_equal(hf_sum_fold(UINT64_C(0x0001000200030004)), 10);
	assert_int_equal(hf_sum_fold(UINT64_C(0x80008000ffff0001)), 2);
}

/* The 12 octets of RFC 9293 3.1. */
static void the_ipv4_pseudo_header_is_the_sum_of_its_twelve_octets(void **state)
{
	const hf_addr src = hf_addr_v4(192, 0, 2, 1), dst = hf_addr_v4(198, 51, 100, 254);
	const uint8_t header[] = { 192, 0, 2, 1, 198, 51, 100, 254, 0, 6, 0x05, 0xb4 };

	(void)state;
	assert_int_equal(hf_sum_fold(hf_sum_pseudo(0, &src, &dst, 6, 0x05b4)),
			 plain_sum(0, header, sizeof(header)));
}

/* The 40 octets of RFC 8200 8.1, with a length above 16 bits. */
static void the_ipv6_pseudo_header_is_the_sum_of_its_forty_octets(void **state)
{
	uint8_t header[40] = { 0 };
	hf_addr src, dst;
	uint32_t seed = 3;

	(void)state;
	for (size_t i = 0; i < 32; i++)
		header[i] = (uint8_t)next_random(&seed);
	header[33] = 0x01;
	header[34] = 0x23;
	header[35] = 0x45;
	header[39] = 58;
	memcpy(src.octet, header, 16);
	memcpy(dst.octet, header + 16, 16);
	assert_int_equal(hf_sum_fold(hf_sum_pseudo(0, &src, &dst, 58, 0x12345)),
			 plain_sum(0, header, sizeof(header)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_1071_gives_ddf2),
		cmocka_unit_test(nothing_adds_nothing),
		cmocka_unit_test(an_odd_octet_is_padded_on_the_right),
		cmocka_unit_test(every_length_and_alignment_agrees_with_the_plain_loop),
		cmocka_unit_test(octets_that_carry_at_every_step_agree_with_the_plain_loop),
		cmocka_unit_test(octets_outside_the_area_are_not_read),
		cmocka_unit_test(pieces_add_up_to_the_whole),
		cmocka_unit_test(any_64_bit_number_is_a_running_sum),
		cmocka_unit_test(the_ipv4_pseudo_header_is_the_sum_of_its_twelve_octets),
		cmocka_unit_test(the_ipv6_pseudo_header_is_the_sum_of_its_forty_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
