/* SPDX-License-Identifier: BSD-2-Clause */
/* How the receive buffer and its window grow, seen from the peer: gaps; without time stamps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

#define SEGMENT 1400u

/* The right edge, relative, that the host has announced last; `right` if it says nothing. */
static uint32_t latest_edge(peer *p, hf_conn c, uint32_t right)
{
	uint8_t shift = peer_info(p, c).rcv_wscale;
	const peer_seen *s;

	while ((s = peer_next(p)) != NULL)
		right = s->ack + ((uint32_t)s->tcp.window << shift);
	return right;
}

/* Segments that come evenly over 40 ms and are read at once; `at` moves on. */
static void stream(peer *p, hf_conn c, uint32_t *at, unsigned segments)
{
	uint32_t right = peer_info(p, c).rcv_nxt - p->isn.v + peer_info(p, c).rcv_wnd;

	for (unsigned i = 0; i < segments; i++, *at += SEGMENT) {
		assert_true(*at + SEGMENT <= right);
		PEER_SAY(p, .flags = ACK, .seq = *at, .ack = 1, .len = SEGMENT);
		peer_app_receive(p, c, *at, SEGMENT);
		peer_wait(p, HF_MS(40) / (hf_ns)segments);
	}
	peer_ignore(p);
}

/*
 * Nobody can read behind a gap. If what waits there took the window, the sender would have to stop,
 * and a repetition that is lost would be noticed by the time-out alone (RFC 8985 5: only what is
 * sent later tells).
 */
static void what_waits_behind_a_gap_leaves_the_sender_a_window(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SACK | WITH_SCALE, HF_MS(10), &c);
	uint32_t at = 1 + SEGMENT, right = 1 + peer_info(p, c).rcv_wnd;
	const uint32_t first = right;

	(void)state;
	for (unsigned i = 0; i < 200; i++, at += SEGMENT) {
		assert_true(at + SEGMENT <= right);
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = SEGMENT);
		right = latest_edge(p, c, right);
	}
	assert_true(at > 4 * first);
	assert_int_equal(peer_info(p, c).rcv_nxt, p->isn.v + 1);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = SEGMENT);
	assert_int_equal(peer_expect(p, ACK)->ack, at);
	peer_app_receive(p, c, 1, at - 1);
	peer_free(p);
}

/* The application has set the size, and gets no more. */
static void a_buffer_of_set_size_does_not_grow_behind_a_gap(void **state)
{
	hf_config config = peer_config(false);
	uint32_t at = 1 + SEGMENT, right;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 65536;
	p = transfer_with(&config, WITH_SACK | WITH_SCALE, HF_MS(10), &c);
	right = 1 + peer_info(p, c).rcv_wnd;
	for (; at + SEGMENT <= right; at += SEGMENT) {
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = SEGMENT);
		right = latest_edge(p, c, right);
	}
	assert_true(right <= 1 + 65536 + 1);
	peer_free(p);
}

/* RFC 5681 2: an ACK that changes the window is no duplicate. Without SACK three must be. */
static void without_sack_duplicates_announce_the_same_window(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SCALE, HF_MS(40), &c);
	uint32_t at = 1, before;

	(void)state;
	for (unsigned segments = 10; segments <= 40; segments *= 2)
		stream(p, c, &at, segments);
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = SEGMENT);
	before = latest_edge(p, c, 0);
	at += SEGMENT;
	assert_true(peer_info(p, c).rcv_buffer > before - at + 4 * SEGMENT); /* it could grow */
	for (unsigned i = 1; i <= 20; i++) {
		PEER_SAY(p, .flags = ACK, .seq = at + i * SEGMENT, .ack = 1, .len = SEGMENT);
		assert_int_equal(latest_edge(p, c, 0), before);
	}
	peer_free(p);
}

/* A sender without time stamps doubles what it sends with each round trip: no window stops it. */
static void without_time_stamps_the_window_stays_ahead_of_slow_start(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SACK | WITH_SCALE, HF_MS(40), &c);
	uint32_t at = 1;

	(void)state;
	for (unsigned segments = 10; segments <= 1280; segments *= 2)
		stream(p, c, &at, segments);
	peer_free(p);
}

/* ---- Windows that are kept smaller than a segment ---- */

/* A buffer of three segments, filled in steps of the clamp, and read. */
static void a_clamped_window_opens_by_half_of_what_it_may_be(void **state)
{
	hf_config config = peer_config(false);
	uint32_t at = 1, right = 1 + 3 * MSS;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 3 * MSS;
	p = transfer_with(&config, PLAIN, 0, &c);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_WINDOW_CLAMP, 700), HF_OK);
	while (at < right) {
		uint32_t len = right - at < 500 ? right - at : 500;

		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = len);
		peer_wait(p, HF_SEC(1));
		right = latest_edge(p, c, right);
		at += len;
	}
	peer_app_receive(p, c, 1, at - 1);
	assert_true(latest_edge(p, c, 0) >= at + 350);
	peer_free(p);
}

/* The first window was small, and so is what may be announced, until more has come. */
static void a_buffer_that_was_enlarged_opens_a_small_window(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 700;
	p = transfer_with(&config, PLAIN, 0, &c);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 700);
	assert_int_equal(peer_expect(p, ACK)->tcp.window, 0);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_RECEIVE_BUFFER, 65536), HF_OK);
	peer_app_receive(p, c, 1, 700);
	assert_true(latest_edge(p, c, 0) >= 1 + 700 + 350);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_behind_a_gap_leaves_the_sender_a_window),
		cmocka_unit_test(a_buffer_of_set_size_does_not_grow_behind_a_gap),
		cmocka_unit_test(without_sack_duplicates_announce_the_same_window),
		cmocka_unit_test(without_time_stamps_the_window_stays_ahead_of_slow_start),
		cmocka_unit_test(a_clamped_window_opens_by_half_of_what_it_may_be),
		cmocka_unit_test(a_buffer_that_was_enlarged_opens_a_small_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
