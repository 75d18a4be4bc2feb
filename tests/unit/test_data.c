/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in both directions: order, duplicates, window edges, wrapping numbers, calls and events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

/* ---- Receiving ---- */

static void text_in_order_is_delivered_as_it_was_sent(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 999, 1460, 1, 536 };
	uint32_t at = 1;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = sizes[i]),
				 HF_WHY_NONE);
		at += sizes[i];
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at);
	}
	assert_int_equal(peer_events(p), HF_EVENT_READABLE);
	assert_int_equal(peer_info(p, c).unread, at - 1);
	peer_app_receive(p, c, 1, at - 1);
	peer_free(p);
}

/* MAY-17 */
static void the_application_can_see_how_much_was_pushed(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(peer_info(p, c).pushed, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	assert_int_equal(peer_info(p, c).pushed, 0);
	PEER_SAY(p, .flags = PSH | ACK, .seq = 101, .ack = 1, .len = 50);
	PEER_SAY(p, .flags = ACK, .seq = 151, .ack = 1, .len = 10);
	assert_int_equal(peer_info(p, c).pushed, 150);
	assert_int_equal(hf_conn_consume(p->stack, c, 149), HF_OK);
	assert_int_equal(peer_info(p, c).pushed, 1);
	assert_int_equal(hf_conn_consume(p->stack, c, 6), HF_OK);
	assert_int_equal(peer_info(p, c).pushed, 0);
	PEER_SAY(p, .flags = PSH | ACK, .seq = 171, .ack = 1, .len = 10); /* ahead of a gap */
	assert_int_equal(peer_info(p, c).pushed, 5);
	PEER_SAY(p, .flags = ACK, .seq = 161, .ack = 1, .len = 10);
	PEER_SAY(p, .flags = ACK, .seq = 181, .ack = 1, .len = 10);
	assert_int_equal(peer_info(p, c).pushed, 25);
	peer_free(p);
}

static void text_out_of_order_waits_for_the_gap_to_be_filled(void **state)
{
	uint8_t octet;
	size_t got;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 301, .ack = 1, .len = 100);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100);
	PEER_SAY(p, .flags = ACK, .seq = 201, .ack = 1, .len = 100);
	for (int i = 0; i < 3; i++)
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(hf_conn_receive(p->stack, c, &octet, 1, &got), HF_ERR_AGAIN);

	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 401);
	assert_int_equal(peer_events(p), HF_EVENT_READABLE);
	peer_app_receive(p, c, 1, 400);
	peer_free(p);
}

static void a_gap_that_is_filled_in_part_delivers_that_part(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 51, .ack = 1, .len = 50);
	PEER_SAY(p, .flags = ACK, .seq = 151, .ack = 1, .len = 50);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 50);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	peer_app_receive(p, c, 1, 100);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 49);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 150);
	PEER_SAY(p, .flags = ACK, .seq = 150, .ack = 1, .len = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 201);
	peer_app_receive(p, c, 101, 100);
	peer_free(p);
}

/* Every way in which a segment can lie to [201, 401) after [1, 101) is in order. */
static void overlapping_segments_deliver_each_octet_once(void **state)
{
	static const peer_range later[] = {
		{ 1, 101 },   { 51, 151 },  { 101, 201 }, { 101, 202 }, { 101, 401 },
		{ 101, 500 }, { 1, 500 },   { 151, 251 }, { 201, 401 }, { 250, 350 },
		{ 300, 500 }, { 400, 402 }, { 401, 500 }, { 402, 500 }, { 200, 402 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		hf_conn c;
		peer *p = transfer(i % 2 ? WITH_SACK : PLAIN, &c);

		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
		PEER_SAY(p, .flags = ACK, .seq = 201, .ack = 1, .len = 200);
		PEER_SAY(p, .flags = ACK, .seq = later[i].from, .ack = 1,
			 .len = later[i].to - later[i].from);
		PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 400);
		PEER_SAY(p, .flags = ACK, .seq = 501, .ack = 1, .len = 20);
		assert_int_equal(peer_info(p, c).octets_received, 520);
		peer_app_receive(p, c, 1, 520);
		peer_free(p);
	}
}

static void an_octet_once_acknowledged_is_not_overwritten(void **state)
{
	char other[100];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	memset(other, '?', sizeof(other));
	peer_pattern((uint8_t *)other + 50, 101, 50);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	PEER_SAY(p, .flags = ACK, .seq = 51, .ack = 1, .len = 100, .text = other);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 151);
	peer_app_receive(p, c, 1, 150);
	peer_free(p);
}

static void a_duplicate_is_acknowledged_and_changes_nothing(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_ignore(p);
	peer_app_receive(p, c, 1, 100);
	peer_events(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100),
			 HF_WHY_SEQ_DUPLICATE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 99, .ack = 1, .len = 2),
			 HF_WHY_SEQ_DUPLICATE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(peer_info(p, c).unread, 0);
	peer_free(p);
}

static void a_segment_is_cut_at_both_edges_of_the_window(void **state)
{
	hf_config config = peer_config(false);
	uint32_t right;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 4096;
	p = transfer_with(&config, PLAIN, 0, &c);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	right = 101 + PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101)->tcp.window;
	assert_in_range(right, 2000, 4097);

	/* Wholly beyond the right edge: not taken, answered. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = right, .ack = 1, .len = 1),
			 HF_WHY_SEQ_OUTSIDE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	/* The last octet of the window is inside. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = right - 1, .ack = 1, .len = 10),
			 HF_WHY_NONE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	/* Before the left edge and beyond the right one. */
	PEER_SAY(p, .flags = ACK, .seq = 51, .ack = 1, .len = right + 50 - 51);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = right);
	peer_app_receive(p, c, 1, right - 1);
	peer_free(p);
}

static void text_that_leaps_over_its_own_fin_is_cut_off_with_it(void **state)
{
	hf_config config = peer_config(false);
	uint32_t right;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 4096;
	p = transfer_with(&config, PLAIN, 0, &c);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
	right = 2 + peer_expect(p, ACK)->tcp.window;
	PEER_SAY(p, .flags = ACK | FIN, .seq = 2, .ack = 1, .len = right);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = right);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED); /* the FIN lay beyond the window */
	peer_app_receive(p, c, 1, right - 1);
	peer_free(p);
}

static void a_stream_goes_on_across_the_end_of_the_number_space(void **state)
{
	uint32_t wrap = 0u - PEER_ISN; /* relative number of sequence number 0 */
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);
	const peer_seen *s;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = wrap, .ack = 1, .len = 500);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(s->tcp.options.sack[0].start.v, 0);
	assert_int_equal(s->tcp.options.sack[0].end.v, 500);
	PEER_SAY(p, .flags = ACK, .seq = wrap - 50, .ack = 1, .len = 100);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = wrap - 51);
	peer_ignore(p);
	assert_int_equal(peer_info(p, c).unread, wrap + 499);
	peer_app_receive(p, c, 1, wrap + 499);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = wrap - 1, .ack = 1, .len = 501),
			 HF_WHY_SEQ_DUPLICATE);
	peer_free(p);
}

/* Waits until the host's next initial number for this peer lies just below 2^32. */
static void wait_for_high_isn(peer *p)
{
	uint32_t ticks;

	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = RST, .seq = 1);
	ticks = 0u - p->host_isn.v - 4500;
	peer_wait(p, HF_US(4) * ticks);
	peer_ignore(p);
}

static void what_is_sent_crosses_the_end_of_the_number_space(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);

	(void)state;
	p->offer.present |= WITH_SACK;
	p->offer.mss = MSS;
	peer_listen(p);
	wait_for_high_isn(p);
	c = peer_handshake_passive(p);
	assert_in_range(p->host_isn.v, 0u - 5000, 0u - 4000);
	peer_app_send(p, c, 1, 10 * MSS);
	EXPECT_SEGMENTS(p, 1, 10);
	/* The fifth, which crosses, is lost: SACKed are those beyond. */
	acknowledge(p, 1 + 4 * MSS);
	for (uint32_t i = 6; i <= 8; i++)
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + 4 * MSS,
			 .sack = { { 1 + 5 * MSS, 1 + i * MSS } });
	EXPECT_TEXT(p, 1 + 4 * MSS, MSS);
	peer_expect_nothing(p);
	acknowledge(p, 1 + 10 * MSS);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	assert_int_equal(peer_info(p, c).in_flight, 0);
	peer_free(p);
}

/* ---- The receiving calls ---- */

static void receiving_takes_what_there_is_and_says_when_to_come_again(void **state)
{
	uint8_t text[64];
	size_t got = 99;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_receive(p->stack, c, text, 10, &got), HF_ERR_AGAIN);
	assert_int_equal(got, 99);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 50);
	assert_int_equal(hf_conn_receive(p->stack, c, text, 20, &got), HF_OK);
	assert_int_equal(got, 20);
	assert_int_equal(text[19], peer_octet(20));
	assert_int_equal(hf_conn_receive(p->stack, c, text, 64, &got), HF_OK);
	assert_int_equal(got, 30);
	assert_int_equal(text[0], peer_octet(21));
	assert_int_equal(hf_conn_receive(p->stack, c, text, 64, &got), HF_ERR_AGAIN);
	/* The end of the stream, as often as it is asked for. */
	PEER_SAY(p, .flags = ACK | FIN, .seq = 51, .ack = 1);
	assert_int_equal(peer_events(p), HF_EVENT_READABLE | HF_EVENT_PEER_CLOSED);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(hf_conn_receive(p->stack, c, text, 64, &got), HF_OK);
		assert_int_equal(got, 0);
	}
	peer_free(p);
}

static void peeking_lends_the_text_and_consuming_releases_it(void **state)
{
	const uint8_t *at = NULL;
	size_t len = 99, seen = 0;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_peek(p->stack, c, &at, &len), HF_ERR_AGAIN);
	assert_int_equal(hf_conn_consume(p->stack, c, 1), HF_ERR_INVALID);
	PEER_SAY(p, .flags = ACK | FIN, .seq = 1, .ack = 1, .len = 1000);
	while (hf_conn_peek(p->stack, c, &at, &len) == HF_OK && len > 0) {
		const uint8_t *again;
		size_t n = len > 300 ? 300 : len, same;

		assert_int_equal(hf_conn_peek(p->stack, c, &again, &same), HF_OK);
		assert_ptr_equal(again, at);
		assert_int_equal(same, len);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(at[i], peer_octet(1 + (uint32_t)(seen + i)));
		assert_int_equal(hf_conn_consume(p->stack, c, n), HF_OK);
		seen += n;
	}
	assert_int_equal(seen, 1000);
	assert_int_equal(hf_conn_peek(p->stack, c, &at, &len), HF_OK); /* the end */
	assert_int_equal(len, 0);
	assert_int_equal(hf_conn_consume(p->stack, c, 1), HF_ERR_INVALID);
	peer_free(p);
}

/* ---- The sending calls ---- */

static void text_leaves_in_full_segments_and_the_last_is_pushed(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 3 * MSS + 1);
	for (uint32_t i = 0; i < 3; i++) {
		s = PEER_EXPECT(p, .flags = ACK, .seq = 1 + i * MSS, .ack = 1, .len = MSS);
		peer_check_text(s);
		assert_false(s->tcp.flags & PSH);
	}
	s = PEER_EXPECT(p, .flags = ACK, .seq = 3 * MSS + 1, .ack = 1, .len = 1);
	peer_check_text(s);
	assert_true(s->tcp.flags & PSH); /* MUST-61 */
	peer_expect_nothing(p);
	acknowledge(p, 3 * MSS + 2);
	peer_app_send(p, c, 3 * MSS + 2, MSS);
	assert_true(peer_expect(p, ACK)->tcp.flags & PSH); /* full, and the last one */
	peer_free(p);
}

static void sent_all_is_told_once_when_the_last_octet_is_acknowledged(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 2 * MSS);
	peer_ignore(p);
	acknowledge(p, 1 + MSS);
	acknowledge(p, 2 * MSS);
	assert_int_equal(peer_events(p), 0);
	acknowledge(p, 1 + 2 * MSS);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	acknowledge(p, 1 + 2 * MSS);
	assert_int_equal(peer_events(p), 0);
	peer_free(p);
}

static void sending_nothing_does_nothing(void **state)
{
	uint8_t *room;
	size_t n = 99, len;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_send(p->stack, c, "", 0, &n), HF_OK);
	assert_int_equal(n, 0);
	assert_int_equal(hf_conn_reserve(p->stack, c, 10, &room, &len), HF_OK);
	assert_int_equal(hf_conn_commit(p->stack, c, 0), HF_OK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 2);
	assert_int_equal(peer_events(p), HF_EVENT_READABLE); /* nothing was sent: no SENT_ALL */
	peer_app_send(p, c, 1, 10);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 11);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	assert_int_equal(hf_conn_reserve(p->stack, c, 10, &room, &len), HF_OK);
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 11);
	assert_int_equal(peer_events(p), 0); /* nor again */
	peer_free(p);
}

static void writable_follows_only_a_send_that_took_less(void **state)
{
	static uint8_t text[20000];
	hf_conn_options small = { .size = sizeof(small), .send_buffer = 16384 };
	size_t sent = 0;
	hf_conn c;
	peer *p = peer_new(NULL);

	(void)state;
	p->offer.mss = MSS;
	peer_pattern(text, 1, sizeof(text));
	assert_int_equal(hf_conn_open(p->stack, &p->self, &small, p->now, &c), HF_OK);
	p->host = peer_info(p, c).local;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_events(p);

	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 16384);
	sent = 99;
	assert_int_equal(hf_conn_send(p->stack, c, text, 1, &sent), HF_ERR_AGAIN);
	assert_int_equal(sent, 99);
	peer_ignore(p);
	assert_int_equal(peer_events(p), 0);
	acknowledge(p, 1 + 9 * MSS);
	assert_int_equal(peer_events(p), HF_EVENT_WRITABLE);
	acknowledge(p, 1 + 10 * MSS);
	assert_int_equal(peer_events(p), 0); /* told once */
	assert_int_equal(hf_conn_send(p->stack, c, text + 16384, 3616, &sent), HF_OK);
	assert_int_equal(sent, 3616);
	while (peer_ignore(p) > 0)
		acknowledge(p, peer_info(p, c).snd_nxt - p->host_isn.v);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL); /* and not WRITABLE again */
	peer_free(p);
}

static void reserved_room_is_sent_when_it_is_committed(void **state)
{
	uint8_t *room = NULL;
	size_t len = 0, n;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_commit(p->stack, c, 1), HF_ERR_INVALID);
	assert_int_equal(hf_conn_reserve(p->stack, c, 100, &room, &len), HF_OK);
	assert_in_range(len, 1, 100);
	peer_expect_nothing(p);
	peer_pattern(room, 1, len);
	assert_int_equal(hf_conn_commit(p->stack, c, len + 1), HF_ERR_INVALID); /* not lent */
	assert_int_equal(hf_conn_commit(p->stack, c, len), HF_OK);
	EXPECT_TEXT(p, 1, (uint32_t)len);
	assert_int_equal(hf_conn_commit(p->stack, c, 1), HF_ERR_INVALID); /* lent no more */
	/* An ordinary send takes the room that was lent. */
	assert_int_equal(hf_conn_reserve(p->stack, c, 10, &room, &n), HF_OK);
	peer_app_send(p, c, 1 + (uint32_t)len, 5);
	assert_int_equal(hf_conn_commit(p->stack, c, 1), HF_ERR_INVALID);
	acknowledge(p, 1 + (uint32_t)len);
	EXPECT_TEXT(p, 1 + (uint32_t)len, 5);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	assert_int_equal(hf_conn_reserve(p->stack, c, 1, &room, &len), HF_ERR_CLOSING);
	assert_int_equal(hf_conn_commit(p->stack, c, 1), HF_ERR_CLOSING);
	peer_free(p);
}

static void calls_on_a_connection_that_was_let_go_are_stale(void **state)
{
	uint8_t octet = 0, *room;
	const uint8_t *at;
	size_t n;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	assert_int_equal(hf_conn_send(p->stack, c, &octet, 1, &n), HF_ERR_STALE);
	assert_int_equal(hf_conn_receive(p->stack, c, &octet, 1, &n), HF_ERR_STALE);
	assert_int_equal(hf_conn_peek(p->stack, c, &at, &n), HF_ERR_STALE);
	assert_int_equal(hf_conn_consume(p->stack, c, 1), HF_ERR_STALE);
	assert_int_equal(hf_conn_reserve(p->stack, c, 1, &room, &n), HF_ERR_STALE);
	assert_int_equal(hf_conn_commit(p->stack, c, 1), HF_ERR_STALE);
	peer_free(p);
}

/* Busy is who has something to send: room that is only reserved is nothing yet (RFC 4898). */
static void reserved_room_is_no_business(void **state)
{
	uint8_t *room;
	size_t len;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_reserve(p->stack, c, 10, &room, &len), HF_OK);
	PEER_SAY(p, .flags = ACK, .seq = 0, .ack = 1, .len = 1); /* it is answered */
	peer_wait(p, HF_SEC(1));
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_info(p, c).busy, 0);
	peer_free(p);
}

/* Two FINs that contradict each other: the stream ends where it is said to end first. */
static void of_two_fins_the_earlier_counts(void **state)
{
	(void)state;
	for (int later_first = 0; later_first < 2; later_first++) {
		hf_conn c;
		peer *p = transfer(PLAIN, &c);

		PEER_SAY(p, .flags = FIN | ACK, .seq = later_first ? 201 : 101, .ack = 1);
		PEER_SAY(p, .flags = FIN | ACK, .seq = later_first ? 101 : 201, .ack = 1);
		peer_ignore(p);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 102);
		assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
		peer_app_receive(p, c, 1, 100);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_in_order_is_delivered_as_it_was_sent),
		cmocka_unit_test(the_application_can_see_how_much_was_pushed),
		cmocka_unit_test(text_out_of_order_waits_for_the_gap_to_be_filled),
		cmocka_unit_test(a_gap_that_is_filled_in_part_delivers_that_part),
		cmocka_unit_test(overlapping_segments_deliver_each_octet_once),
		cmocka_unit_test(an_octet_once_acknowledged_is_not_overwritten),
		cmocka_unit_test(a_duplicate_is_acknowledged_and_changes_nothing),
		cmocka_unit_test(a_segment_is_cut_at_both_edges_of_the_window),
		cmocka_unit_test(text_that_leaps_over_its_own_fin_is_cut_off_with_it),
		cmocka_unit_test(a_stream_goes_on_across_the_end_of_the_number_space),
		cmocka_unit_test(what_is_sent_crosses_the_end_of_the_number_space),
		cmocka_unit_test(receiving_takes_what_there_is_and_says_when_to_come_again),
		cmocka_unit_test(peeking_lends_the_text_and_consuming_releases_it),
		cmocka_unit_test(text_leaves_in_full_segments_and_the_last_is_pushed),
		cmocka_unit_test(sent_all_is_told_once_when_the_last_octet_is_acknowledged),
		cmocka_unit_test(sending_nothing_does_nothing),
		cmocka_unit_test(writable_follows_only_a_send_that_took_less),
		cmocka_unit_test(reserved_room_is_sent_when_it_is_committed),
		cmocka_unit_test(calls_on_a_connection_that_was_let_go_are_stale),
		cmocka_unit_test(reserved_room_is_no_business),
		cmocka_unit_test(of_two_fins_the_earlier_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
