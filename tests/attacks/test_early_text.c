/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in the worst order, in octets and in fragments: bounded, and nothing is lost. */

/*
 * Attacks (catalogue.txt):
 *	SegmentSmack
 *	FragmentSmack
 *	Reassembly memory exhaustion
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/raw.h"

#define GAPS 8192u           /* ranges ahead of gaps that a connection holds, at most */
#define WINDOW 60000u        /* octets of window that are used: two for each gap at most */
#define OVERHEAD (GAPS * 16) /* octets: 8 a range, in a ring that doubles */

typedef struct order {
	uint32_t first, step, count; /* of octets, one a segment */
} order;

static uint32_t at(const order *o, uint32_t i)
{
	return 2 + (o->first + i * o->step) % o->count * 2;
}

/* Every other octet of the window, one octet a segment. Returns how many were refused. */
static uint32_t scatter(peer *p, const order *o)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < o->count; i++) {
		hf_reason why = PEER_SAY(p, .flags = ACK, .seq = at(o, i), .ack = 1, .len = 1);

		assert_true(why == HF_WHY_NONE || why == HF_WHY_OUT_OF_ORDER_LIMIT);
		refused += why != HF_WHY_NONE;
		if (i % 64 == 0)
			peer_ignore(p);
	}
	return refused;
}

/* CVE-2018-5390: upwards, downwards, and with large strides, which lands in the middle. */
static void octets_out_of_order_are_held_up_to_a_bound(void **state)
{
	static const order orders[] = {
		{ 0, 1, WINDOW / 2 },
		{ WINDOW / 2 - 1, WINDOW / 2 - 1, WINDOW / 2 }, /* downwards */
		{ 7, 12007, WINDOW / 2 },
	};

	(void)state;
	for (unsigned k = 0; k < sizeof(orders) / sizeof(orders[0]); k++) {
		peer *p = peer_new(NULL);
		hf_conn c;
		size_t before;

		p->offer.present |= HF_HAS(SACK_PERMITTED);
		c = peer_handshake_passive(p);
		before = p->heap.out;
		assert_int_equal(scatter(p, &orders[k]), WINDOW / 2 - GAPS);
		assert_true(peer_info(p, c).rcv_wnd >= WINDOW);
		assert_true(p->heap.out - before <=
			    2 * 65536 + OVERHEAD); /* the window, and the ranges */
		assert_int_equal(peer_info(p, c).unread, 0);
		/* One more is refused by name, and costs nothing. */
		before = p->heap.out;
		assert_int_equal(peer_stats(p).reasons[HF_WHY_OUT_OF_ORDER_LIMIT],
				 WINDOW / 2 - GAPS);
		for (uint32_t seq = 1; seq <= WINDOW; seq += 1000)
			PEER_SAY(p, .flags = ACK, .seq = seq, .ack = 1, .len = 1000);
		peer_app_receive(p, c, 1, WINDOW);
		assert_true(p->heap.out <= before);
		peer_ignore(p);
		peer_free(p);
	}
}

/* CVE-2014-3000: to the limit, and one more; then what is held is filled in. */
static void the_last_place_is_not_taken_twice(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	order o = { 0, 1, GAPS };
	size_t full;

	(void)state;
	assert_int_equal(scatter(p, &o), 0);
	full = p->heap.out;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(
			PEER_SAY(p, .flags = ACK, .seq = 2 + 2 * GAPS + 2 * i, .ack = 1, .len = 1),
			HF_WHY_OUT_OF_ORDER_LIMIT);
	assert_int_equal(p->heap.out, full);
	/* One that joins two ranges needs no place. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 5, .ack = 1, .len = 1), HF_WHY_NONE);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 2 + 2 * GAPS, .ack = 1, .len = 1),
			 HF_WHY_NONE);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 2 * GAPS + 2);
	peer_app_receive(p, c, 1, 2 * GAPS + 2);
	peer_ignore(p);
	peer_free(p);
}

/* CVE-2018-5391: fragments are not put together; each is dropped as it comes. */
static void fragments_cost_nothing(void **state)
{
	peer *p = peer_new(NULL);
	size_t memory;

	(void)state;
	peer_listen(p);
	memory = p->heap.out;
	for (uint32_t n = 0; n < 20000; n++) {
		raw_segment s = { .flags = SYN, .seq = n };
		uint8_t packet[RAW_MAX];
		size_t len = raw_build(p, &s, packet);
		uint16_t sum,
			field = (uint16_t)(n % 3 == 0 ? 0x2000 : n % 8192 | (n % 2 ? 0x2000 : 1));

		hf_put16(packet + 4, (uint16_t)n);
		hf_put16(packet + 6, field);
		sum = hf_get16(packet + 10);
		hf_put16(packet + 10, 0);
		for (unsigned i = 0; i < 20; i += 2) { /* one's complement, anew */
			uint32_t t = (i == 0 ? 0u : sum) + hf_get16(packet + i);

			sum = (uint16_t)(t + (t >> 16));
		}
		hf_put16(packet + 10, (uint16_t)~sum);
		assert_int_equal(peer_give(p, packet, len), HF_WHY_IP_FRAGMENT);
	}
	assert_int_equal(p->heap.out, memory);
	assert_int_equal(peer_stats(p).reasons[HF_WHY_IP_FRAGMENT], 20000);
	peer_expect_nothing(p);
	assert_true(hf_stack_deadline(p->stack).ns == HF_NEVER.ns); /* nor does anything wait */
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_out_of_order_are_held_up_to_a_bound),
		cmocka_unit_test(the_last_place_is_not_taken_twice),
		cmocka_unit_test(fragments_cost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
