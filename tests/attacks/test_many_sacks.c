/* SPDX-License-Identifier: BSD-2-Clause */
/* SACK blocks that would cut a long queue of segments: it stays as it was sent. */

/*
 * Attacks (catalogue.txt):
 *	SACK slowness
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

#define SEGMENTS 10000u

/* SEGMENTS in flight; returns the number of the first. */
static peer *long_queue(hf_conn *c, uint32_t *una)
{
	static const uint8_t text[65536];
	hf_config config = peer_config(false);
	uint32_t flight;
	peer *p;

	config.send_buffer = 64 << 20;
	config.hystart = HF_CHOICE_OFF;
	p = transfer_with(&config, WITH_SACK | WITH_SCALE, 0, c);
	p->window = 65535;
	assert_int_equal(hf_conn_set(p->stack, *c, HF_OPTION_MSS, 100), HF_OK);
	*una = 1;
	do {
		size_t sent;

		*una += peer_info(p, *c).in_flight;
		acknowledge(p, *una);
		while (hf_conn_send(p->stack, *c, text, sizeof(text), &sent) == HF_OK)
			;
		peer_ignore(p);
		flight = peer_info(p, *c).unacked_segments;
	} while (flight < SEGMENTS);
	return p;
}

/* Every other octet: none covers a segment, so that nothing is cut, taken or sent again. */
static void blocks_within_segments_cut_nothing(void **state)
{
	hf_conn c;
	uint32_t una;
	peer *p = long_queue(&c, &una);
	hf_conn_info before = peer_info(p, c), after;
	size_t memory = p->heap.out;

	(void)state;
	for (uint32_t i = 0; i < SEGMENTS; i++) {
		uint32_t at = una + 100 + i * 100;

		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una,
			 .sack = { { at + 1, at + 2 }, { at + 3, at + 4 }, { at + 5, at + 6 } });
		if (i % 100 == 0)
			peer_ignore(p);
	}
	after = peer_info(p, c);
	assert_int_equal(after.sacked, 0);
	assert_int_equal(after.unacked_segments, before.unacked_segments);
	assert_true(p->heap.out <= memory);
	peer_ignore(p);
	peer_free(p);
}

/*
 * Every other segment, from behind: each is marked once, nothing is split, and each hole is sent at
 * most twice by then, however many ACKs told of it.
 */
static void every_other_segment_is_marked_once(void **state)
{
	hf_conn c;
	uint32_t una, sacked = 0;
	peer *p = long_queue(&c, &una);
	hf_conn_info before = peer_info(p, c), after;
	size_t memory = p->heap.out;

	(void)state;
	for (uint32_t i = before.unacked_segments / 2 - 1; i > 0; i--) {
		uint32_t at = una + i * 200;

		for (unsigned again = 0; again < 3; again++)
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una,
				 .sack = { { at, at + 100 } });
		sacked += 100;
		if (i % 100 == 0)
			assert_int_equal(peer_info(p, c).sacked, sacked);
	}
	peer_ignore(p);
	after = peer_info(p, c);
	assert_int_equal(after.sacked_segments, before.unacked_segments / 2 - 1);
	assert_int_equal(after.unacked_segments, before.unacked_segments);
	assert_true(after.retransmissions <= before.unacked_segments);
	assert_true(p->heap.out <= memory + 65536);
	acknowledge(p, una + before.in_flight);
	assert_int_equal(peer_info(p, c).sacked, 0);
	peer_ignore(p);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_within_segments_cut_nothing),
		cmocka_unit_test(every_other_segment_is_marked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
