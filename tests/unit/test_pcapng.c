/* SPDX-License-Identifier: BSD-2-Clause */
/* pcapng blocks, octet by octet, as draft-ietf-opsawg-pcapng lays them down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/pcapng.h"

/* Each expected block is a list of lines of 4 octets: pcapng is aligned to 32 bits. */

static void the_section_header_says_what_it_is_and_who_wrote_it(void **state)
{
	/* Section 4.1. */
	static const char expected[] = "\x0a\x0d\x0d\x0a" /* type */
				       "\x2c\x00\x00\x00" /* total length: 44 */
				       "\x4d\x3c\x2b\x1a" /* octet order: little-endian */
				       "\x01\x00\x00\x00" /* version 1.0 */
				       "\xff\xff\xff\xff" /* length of the section: not known */
				       "\xff\xff\xff\xff"
				       "\x04\x00\x08\x00" /* shb_userappl, 8 octets */
				       "hand"
				       "fast"
				       "\x00\x00\x00\x00"  /* opt_endofopt */
				       "\x2c\x00\x00\x00"; /* total length */
	uint8_t block[64];

	(void)state;
	assert_int_equal(hf_pcapng_section(block, sizeof(block), "handfast"), 44);
	assert_memory_equal(block, expected, 44);
}

static void the_interface_says_link_type_name_and_nanoseconds(void **state)
{
	/* Section 4.2. */
	static const char expected[] = "\x01\x00\x00\x00" /* type */
				       "\x28\x00\x00\x00" /* total length: 40 */
				       "\x65\x00\x00\x00" /* LINKTYPE_RAW, reserved */
				       "\x00\x00\x00\x00" /* packets are never cut */
				       "\x02\x00\x03\x00" /* if_name, 3 octets and padding */
				       "hf0\x00"
				       "\x09\x00\x01\x00" /* if_tsresol: 10^-9 s */
				       "\x09\x00\x00\x00"
				       "\x00\x00\x00\x00"
				       "\x28\x00\x00\x00";
	uint8_t block[64];

	(void)state;
	memset(block, 0xee, sizeof(block));
	assert_int_equal(hf_pcapng_interface(block, sizeof(block), HF_LINKTYPE_RAW, "hf0"), 40);
	assert_memory_equal(block, expected, 40);
}

static void an_interface_without_a_name_has_no_name_option(void **state)
{
	static const char expected[] = "\x01\x00\x00\x00"
				       "\x20\x00\x00\x00"
				       "\x01\x00\x00\x00" /* LINKTYPE_ETHERNET */
				       "\x00\x00\x00\x00"
				       "\x09\x00\x01\x00"
				       "\x09\x00\x00\x00"
				       "\x00\x00\x00\x00"
				       "\x20\x00\x00\x00";
	uint8_t block[64];

	(void)state;
	memset(block, 0xee, sizeof(block));
	assert_int_equal(hf_pcapng_interface(block, sizeof(block), HF_LINKTYPE_ETHERNET, NULL), 32);
	assert_memory_equal(block, expected, 32);
}

static void an_arriving_packet_carries_its_time_and_comment(void **state)
{
	/* Section 4.3. */
	static const char expected[] = "\x06\x00\x00\x00" /* type */
				       "\x3c\x00\x00\x00" /* total length: 60 */
				       "\x00\x00\x00\x00" /* interface 0 */
				       "\x04\x03\x02\x01" /* time, the high word first */
				       "\x08\x07\x06\x05"
				       "\x05\x00\x00\x00" /* captured length */
				       "\x05\x00\x00\x00" /* original length */
				       "\xa1\xa2\xa3\xa4"
				       "\xa5\x00\x00\x00" /* padded with zeros */
				       "\x01\x00\x04\x00" /* opt_comment, 4 octets */
				       "paws"
				       "\x02\x00\x04\x00" /* epb_flags: inbound */
				       "\x01\x00\x00\x00"
				       "\x00\x00\x00\x00"
				       "\x3c\x00\x00\x00";
	static const uint8_t data[] = { 0xa1, 0xa2, 0xa3, 0xa4, 0xa5 };
	const hf_pcapng_packet p = { .data = data,
				     .len = sizeof(data),
				     .time = UINT64_C(0x0102030405060708),
				     .comment = "paws" };
	uint8_t block[96];

	(void)state;
	memset(block, 0xee, sizeof(block));
	assert_int_equal(hf_pcapng_packet_len(&p), 60);
	assert_int_equal(hf_pcapng_put_packet(block, sizeof(block), &p), 60);
	assert_memory_equal(block, expected, 60);
	assert_int_equal(block[60], 0xee);
}

static void a_leaving_packet_without_comment_has_only_its_direction(void **state)
{
	static const char expected[] = "\x06\x00\x00\x00"
				       "\x30\x00\x00\x00" /* total length: 48 */
				       "\x00\x00\x00\x00"
				       "\x00\x00\x00\x00"
				       "\x01\x00\x00\x00"
				       "\x04\x00\x00\x00"
				       "\x04\x00\x00\x00"
				       "\xb1\xb2\xb3\xb4" /* a multiple of 4: no padding */
				       "\x02\x00\x04\x00" /* epb_flags: outbound */
				       "\x02\x00\x00\x00"
				       "\x00\x00\x00\x00"
				       "\x30\x00\x00\x00";
	static const uint8_t data[] = { 0xb1, 0xb2, 0xb3, 0xb4 };
	const hf_pcapng_packet p = {
		.data = data, .len = sizeof(data), .time = 1, .leaving = true
	};
	uint8_t block[64];

	(void)state;
	memset(block, 0xee, sizeof(block));
	assert_int_equal(hf_pcapng_put_packet(block, sizeof(block), &p), 48);
	assert_memory_equal(block, expected, 48);
}

static void a_block_that_does_not_fit_is_not_written_at_all(void **state)
{
	static const uint8_t data[] = { 1, 2, 3 };
	const hf_pcapng_packet p = { .data = data, .len = sizeof(data), .comment = "x" };
	size_t len = hf_pcapng_packet_len(&p);
	uint8_t block[128];

	(void)state;
	memset(block, 0xee, sizeof(block));
	assert_int_equal(hf_pcapng_put_packet(block, len - 1, &p), 0);
	assert_int_equal(hf_pcapng_section(block, 43, "handfast"), 0);
	assert_int_equal(hf_pcapng_interface(block, 39, HF_LINKTYPE_RAW, "hf0"), 0);
	for (size_t i = 0; i < sizeof(block); i++)
		assert_int_equal(block[i], 0xee);
	assert_int_equal(hf_pcapng_put_packet(block, len, &p), len);
}

static void both_lengths_of_a_block_agree_whatever_the_packet_length(void **state)
{
	uint8_t data[8] = { 0 }, block[128];

	(void)state;
	for (uint32_t len = 0; len <= sizeof(data); len++) {
		const hf_pcapng_packet p = { .data = data, .len = len, .comment = "verdict" };
		size_t octets = hf_pcapng_put_packet(block, sizeof(block), &p);

		assert_int_equal(octets % 4, 0);
		assert_int_equal(block[4], octets);
		assert_memory_equal(block + 4, block + octets - 4, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_section_header_says_what_it_is_and_who_wrote_it),
		cmocka_unit_test(the_interface_says_link_type_name_and_nanoseconds),
		cmocka_unit_test(an_interface_without_a_name_has_no_name_option),
		cmocka_unit_test(an_arriving_packet_carries_its_time_and_comment),
		cmocka_unit_test(a_leaving_packet_without_comment_has_only_its_direction),
		cmocka_unit_test(a_block_that_does_not_fit_is_not_written_at_all),
		cmocka_unit_test(both_lengths_of_a_block_agree_whatever_the_packet_length),
	};

	return cmocka_run_group_tests_name("pcapng", tests, NULL, NULL);
}
