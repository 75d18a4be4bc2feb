/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets: Ethernet frames, and ARP packets. */
#include "targets.h"
#include "wire/arp.h"

static void one_frame(hf_view input)
{
	uint8_t header[HF_ETHER_HEADER];
	hf_ether frame;

	if (hf_ether_parse(input, &frame) != HF_WHY_NONE)
		return;
	fuzz_is_inside(frame.payload, input);
	assert_true(frame.payload.at + frame.payload.len == input.at + input.len);
	assert_int_equal(hf_ether_emit(&frame, header), HF_ETHER_HEADER);
	assert_memory_equal(header, input.at, 12);
	if (frame.payload.at == input.at + HF_ETHER_HEADER)
		assert_memory_equal(header, input.at, HF_ETHER_HEADER);
}

const fuzz_target fuzz_ether = { "ether", one_frame };

/* Of what is taken every octet counts: written again, it is the same. */
static void one_arp(hf_view input)
{
	uint8_t again[HF_ARP_LEN];
	hf_arp packet;

	if (hf_arp_parse(input, &packet) != HF_WHY_NONE)
		return;
	assert_int_equal(hf_arp_emit(&packet, again), HF_ARP_LEN);
	assert_memory_equal(again, input.at, HF_ARP_LEN);
}

const fuzz_target fuzz_arp = { "arp", one_arp };
