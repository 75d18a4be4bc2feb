/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffers and limits as large as can be set: sums stay sums, and limits hold. */

/*
 * Attacks (catalogue.txt):
 *	Signed overflow in memory accounting
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define LARGEST (INT64_C(1) << 30)

/* Linux added both buffers of a socket and 64 KiB in an int. */
static const hf_option buffers[] = { HF_OPTION_SEND_BUFFER, HF_OPTION_RECEIVE_BUFFER };

static void what_is_larger_than_can_be_counted_is_refused(void **state)
{
	static const int64_t wrong[] = { LARGEST + 1, INT32_MAX, UINT32_MAX, INT64_C(1) << 32,
					 INT64_MAX,   -1,        INT64_MIN };
	hf_config config = peer_config(false);
	struct heap heap = { 0 };
	hf_stack *s;
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		for (unsigned b = 0; b < 2; b++)
			assert_int_equal(hf_conn_set(p->stack, c, buffers[b], wrong[i]),
					 HF_ERR_INVALID);
	peer_free(p);
	config.allocator = (hf_allocator){ heap_alloc, heap_free, &heap };
	config.send_buffer = UINT32_MAX;
	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &s), HF_ERR_INVALID);
	config.send_buffer = 0;
	config.receive_buffer = INT32_MAX;
	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &s), HF_ERR_INVALID);
	assert_true(heap.out == 0);
}

/* The peer's window is as large as can be, and so are both buffers: the stream is right. */
static void the_largest_buffers_hold_what_they_must(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.send_buffer = config.receive_buffer = (uint32_t)LARGEST;
	p = peer_new(&config);
	peer_offer_all(p);
	p->offer.wscale = 14;
	c = peer_handshake_passive(p);
	for (unsigned b = 0; b < 2; b++)
		assert_int_equal(hf_conn_set(p->stack, c, buffers[b], LARGEST), HF_OK);
	assert_int_equal(peer_info(p, c).snd_wnd, 65535u << 14);
	assert_true(peer_info(p, c).rcv_wnd <= LARGEST);
	peer_app_send(p, c, 1, 100000);
	for (uint32_t at = 1; at < 100001; at += 1000) {
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 1000);
		peer_ignore(p); /* which tells the window */
	}
	peer_app_receive(p, c, 1, 100000);
	peer_ignore(p);
	peer_free(p);
}

/* One octet at the far end of 1 GiB of window costs a ring up to there, unless limited. */
static void a_limit_holds_whatever_the_windows_promise(void **state)
{
	hf_config config = peer_config(false);
	size_t limit = 4 << 20;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = (uint32_t)LARGEST;
	config.memory_limit = limit;
	p = peer_new(&config);
	peer_offer_all(p);
	c = peer_handshake_passive(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_RECEIVE_BUFFER, LARGEST), HF_OK);
	for (uint32_t at = 1; at < LARGEST; at += 1 + at) {
		PEER_SAY(p, .flags = ACK, .seq = at + 1, .ack = 1, .len = 1);
		assert_true(peer_stats(p).memory <= limit && p->heap.out <= limit);
	}
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
	peer_app_receive(p, c, 1, 2);
	peer_ignore(p);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_larger_than_can_be_counted_is_refused),
		cmocka_unit_test(the_largest_buffers_hold_what_they_must),
		cmocka_unit_test(a_limit_holds_whatever_the_windows_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
