/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet frames and the addresses of multicast groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/ether.h"

static const hf_mac ours = { { 2, 0, 0, 0, 0, 1 } };
static const hf_mac theirs = { { 2, 0, 0, 0, 0, 2 } };

/* Parses from a heap block of exactly `len` octets. */
static hf_reason parse(const uint8_t *frame, size_t len, hf_ether *out)
{
	uint8_t *const exact = malloc(len > 0 ? len : 1);
	hf_reason why;

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, frame, len);
	why = hf_ether_parse((hf_view){ exact, len }, out);
	free(exact);
	return why;
}

static void a_frame_reads_back_as_it_was_written(void **state)
{
	const hf_ether sent = { .dst = ours, .src = theirs, .type = HF_ETHERTYPE_IP6 };
	const uint8_t expected[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd };
	uint8_t frame[HF_ETHER_HEADER + 3] = { 0 };
	hf_ether got;

	(void)state;
	assert_int_equal(hf_ether_emit(&sent, frame), HF_ETHER_HEADER);
	assert_memory_equal(frame, expected, sizeof(expected));
	assert_int_equal(hf_ether_parse((hf_view){ frame, sizeof(frame) }, &got), HF_WHY_NONE);
	assert_true(hf_mac_equal(&got.dst, &ours));
	assert_true(hf_mac_equal(&got.src, &theirs));
	assert_int_equal(got.type, HF_ETHERTYPE_IP6);
	assert_int_equal(got.vlan, 0);
	assert_ptr_equal(got.payload.at, frame + 14);
	assert_int_equal(got.payload.len, 3);
}

static void a_frame_below_14_octets_is_short(void **state)
{
	const uint8_t frame[14] = { 0 };
	hf_ether got;

	(void)state;
	for (size_t len = 0; len < 14; len++)
		assert_int_equal(parse(frame, len, &got), HF_WHY_LINK_SHORT);
	assert_int_equal(parse(frame, 14, &got), HF_WHY_NONE);
	assert_int_equal(got.payload.len, 0);
}

static void up_to_two_vlan_tags_are_read_through(void **state)
{
	uint8_t frame[32] = { [12] = 0x88, 0xa8, 0xf1, 0x23, 0x81, 0x00, 0x00, 0x05, 0x08, 0x00 };
	hf_ether got;

	(void)state;
	assert_int_equal(parse(frame, sizeof(frame), &got), HF_WHY_NONE);
	assert_int_equal(got.type, HF_ETHERTYPE_IP4);
	assert_int_equal(got.vlan, 0x123);
	assert_int_equal(got.payload.len, sizeof(frame) - 22);

	assert_int_equal(parse(frame, 22, &got), HF_WHY_NONE);
	for (size_t len = 14; len < 22; len++)
		assert_int_equal(parse(frame, len, &got), HF_WHY_LINK_SHORT);

	/* A third tag stays a type that nobody knows. */
	frame[20] = 0x81;
	assert_int_equal(parse(frame, sizeof(frame), &got), HF_WHY_NONE);
	assert_int_equal(got.type, 0x8100);
	assert_int_equal(got.payload.len, sizeof(frame) - 22);
}

static void addresses_are_compared_in_every_octet(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		hf_mac other = ours;

		other.octet[i] ^= 0x80;
		assert_false(hf_mac_equal(&ours, &other));
	}
	assert_true(hf_mac_equal(&ours, &ours));
}

static void the_group_bit_is_the_lowest_of_the_first_octet(void **state)
{
	const hf_mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
	const hf_mac multicast = { { 1, 0, 0x5e, 0, 0, 1 } };
	const hf_mac station = { { 0xfe, 255, 255, 255, 255, 255 } };

	(void)state;
	assert_true(hf_mac_is_group(&broadcast));
	assert_true(hf_mac_is_group(&multicast));
	assert_false(hf_mac_is_group(&station));
}

/* RFC 1112 6.4: the low 23 bits. RFC 2464 7: the low 32 bits. */
static void groups_have_the_link_addresses_of_the_standards(void **state)
{
	const hf_addr four = hf_addr_v4(239, 255, 1, 2);
	const hf_addr six = { { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x28, 0x9c, 0x5a } };
	const hf_mac expected4 = { { 0x01, 0x00, 0x5e, 0x7f, 1, 2 } };
	const hf_mac expected6 = { { 0x33, 0x33, 0xff, 0x28, 0x9c, 0x5a } };
	const hf_mac got4 = hf_mac_of_multicast(&four), got6 = hf_mac_of_multicast(&six);

	(void)state;
	assert_true(hf_mac_equal(&got4, &expected4));
	assert_true(hf_mac_equal(&got6, &expected6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_reads_back_as_it_was_written),
		cmocka_unit_test(a_frame_below_14_octets_is_short),
		cmocka_unit_test(up_to_two_vlan_tags_are_read_through),
		cmocka_unit_test(addresses_are_compared_in_every_octet),
		cmocka_unit_test(the_group_bit_is_the_lowest_of_the_first_octet),
		cmocka_unit_test(groups_have_the_link_addresses_of_the_standards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
