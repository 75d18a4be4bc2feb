/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP packets for IPv4 over Ethernet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/arp.h"

static const uint8_t request[HF_ARP_LEN] = {
	0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 7,
};

/* Parses from a heap block of exactly `len` octets. */
static hf_reason parse(const uint8_t *packet, size_t len, hf_arp *out)
{
	uint8_t *const exact = malloc(len > 0 ? len : 1);
	hf_reason why;

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, packet, len);
	why = hf_arp_parse((hf_view){ exact, len }, out);
	free(exact);
	return why;
}

static hf_reason parse_changed(size_t at, uint8_t octet)
{
	uint8_t packet[HF_ARP_LEN];
	hf_arp got;

	memcpy(packet, request, sizeof(packet));
	packet[at] = octet;
	return parse(packet, sizeof(packet), &got);
}

static void a_request_gives_every_field(void **state)
{
	const hf_addr sender = hf_addr_v4(192, 0, 2, 1), target = hf_addr_v4(192, 0, 2, 7);
	const hf_mac mac = { { 2, 0, 0, 0, 0, 9 } };
	hf_arp got;

	(void)state;
	assert_int_equal(parse(request, sizeof(request), &got), HF_WHY_NONE);
	assert_int_equal(got.op, HF_ARP_REQUEST);
	assert_memory_equal(&got.sender, &sender, sizeof(sender));
	assert_memory_equal(&got.target, &target, sizeof(target));
	assert_true(hf_mac_equal(&got.sender_mac, &mac));
}

static void what_was_read_is_written_back_to_the_octet(void **state)
{
	uint8_t packet[HF_ARP_LEN], again[HF_ARP_LEN];
	hf_arp got;

	(void)state;
	memcpy(packet, request, sizeof(packet));
	packet[7] = HF_ARP_REPLY;
	packet[18] = 0x0a;
	assert_int_equal(parse(packet, sizeof(packet), &got), HF_WHY_NONE);
	assert_int_equal(got.op, HF_ARP_REPLY);
	assert_int_equal(hf_arp_emit(&got, again), HF_ARP_LEN);
	assert_memory_equal(packet, again, sizeof(packet));
}

static void short_packets_are_malformed_and_padding_is_not(void **state)
{
	uint8_t padded[46] = { 0 };
	hf_arp got;

	(void)state;
	for (size_t len = 0; len < HF_ARP_LEN; len++)
		assert_int_equal(parse(request, len, &got), HF_WHY_ARP_MALFORMED);
	memcpy(padded, request, sizeof(request));
	assert_int_equal(parse(padded, sizeof(padded), &got), HF_WHY_NONE);
}

static void other_hardware_protocols_lengths_and_operations_are_refused(void **state)
{
	(void)state;
	for (size_t at = 0; at < 8; at++)
		for (unsigned octet = 0; octet < 256; octet++) {
			const bool same = request[at] == octet;
			const bool is_reply = at == 7 && octet == HF_ARP_REPLY;

			assert_int_equal(parse_changed(at, (uint8_t)octet),
					 same || is_reply ? HF_WHY_NONE : HF_WHY_ARP_MALFORMED);
		}
}

static void nobody_has_a_group_address(void **state)
{
	uint8_t packet[HF_ARP_LEN];
	hf_arp got;

	(void)state;
	assert_int_equal(parse_changed(8, 0x03), HF_WHY_ARP_MALFORMED);
	assert_int_equal(parse_changed(14, 224), HF_WHY_ARP_MALFORMED);
	memcpy(packet, request, sizeof(packet));
	memset(packet + 14, 255, 4);
	assert_int_equal(parse(packet, sizeof(packet), &got), HF_WHY_ARP_MALFORMED);
}

/* RFC 5227 2.1.1 */
static void a_probe_without_a_sender_address_is_fine(void **state)
{
	uint8_t packet[HF_ARP_LEN];
	hf_arp got;

	(void)state;
	memcpy(packet, request, sizeof(packet));
	memset(packet + 14, 0, 4);
	assert_int_equal(parse(packet, sizeof(packet), &got), HF_WHY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_gives_every_field),
		cmocka_unit_test(what_was_read_is_written_back_to_the_octet),
		cmocka_unit_test(short_packets_are_malformed_and_padding_is_not),
		cmocka_unit_test(other_hardware_protocols_lengths_and_operations_are_refused),
		cmocka_unit_test(nobody_has_a_group_address),
		cmocka_unit_test(a_probe_without_a_sender_address_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
