/* SPDX-License-Identifier: BSD-2-Clause */
/* Flow control: windows, their scale, silly and closed ones, probes (RFC 9293 3.8.6, 7323 2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

#define FIRST_RTO HF_MS(200) /* after a handshake that took no time */

/* ---- The window that the host announces ---- */

/* The right edge, relative, that a segment of the host announces. */
static uint32_t right_edge(const peer_seen *s, unsigned shift)
{
	return s->ack + ((uint32_t)s->tcp.window << shift);
}

/* The peer fills the host's window with segments of 1460 octets. Returns what follows the last. */
static uint32_t fill(peer *p, uint32_t from, unsigned shift)
{
	uint32_t right = from + 1, at = from;
	const peer_seen *s;

	while (at < right) {
		uint32_t len = at == from ? 1 : right - at;

		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = len < 1460 ? len : 1460);
		at += len < 1460 ? len : 1460;
		peer_wait(p, HF_SEC(1)); /* past any delay */
		while ((s = peer_next(p)) != NULL)
			right = right_edge(s, shift);
	}
	return at;
}

static void the_window_closes_as_its_buffer_fills_and_opens_as_it_is_read(void **state)
{
	hf_config config = peer_config(false);
	uint32_t end;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 10000;
	p = transfer_with(&config, PLAIN, 0, &c);
	end = fill(p, 1, 0);
	assert_int_equal(end, 10001);
	assert_int_equal(peer_info(p, c).rcv_wnd, 0);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = end, .ack = 1, .len = 1),
			 HF_WHY_SEQ_ZERO_WINDOW);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = end)->tcp.window, 0);
	peer_app_receive(p, c, 1, 10000);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = end)->tcp.window, 10000);
	PEER_SAY(p, .flags = ACK, .seq = end, .ack = 1, .len = 1);
	peer_app_receive(p, c, end, 1);
	peer_free(p);
}

static void an_acknowledgement_in_a_closed_window_is_still_taken(void **state)
{
	hf_config config = peer_config(false);
	uint32_t end;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 5000;
	p = transfer_with(&config, PLAIN, 0, &c);
	peer_app_send(p, c, 1, 100);
	peer_ignore(p);
	end = fill(p, 1, 0);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = end, .ack = 51); /* MUST-66 */
	assert_int_equal(peer_info(p, c).in_flight, 50);
	PEER_SAY(p, .flags = ACK, .seq = end, .ack = 101, .len = 1);
	assert_int_equal(peer_info(p, c).in_flight, 0);
	peer_free(p);
}

/* RFC 9293 3.8.6.2.2: the edge moves by a segment or half the buffer, or not at all. */
static void a_window_opens_by_a_segment_or_half_a_buffer_at_least(void **state)
{
	static const uint32_t buffers[] = { 15000, 1500 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t least = buffers[i] / 2 < MSS ? buffers[i] / 2 : MSS;
		hf_config config = peer_config(false);
		uint8_t octet;
		size_t got;
		uint32_t end, room;
		hf_conn c;
		peer *p;

		config.receive_buffer = buffers[i];
		p = transfer_with(&config, PLAIN, 0, &c);
		end = fill(p, 1, 0);
		for (room = buffers[i] - (end - 1); room < least; room++) {
			peer_expect_nothing(p);
			PEER_SAY(p, .flags = ACK, .seq = end, .ack = 1, .len = 1);
			assert_int_equal(peer_expect(p, ACK)->tcp.window, 0);
			assert_int_equal(hf_conn_receive(p->stack, c, &octet, 1, &got), HF_OK);
		}
		assert_int_equal(peer_expect(p, ACK)->tcp.window, least);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

static void the_syns_window_is_not_scaled_and_the_others_are(void **state)
{
	hf_config config = peer_config(false);
	const peer_seen *s;
	peer *p;

	(void)state;
	config.receive_buffer = 100000;
	p = peer_new(&config);
	peer_offer_all(p);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	s = peer_expect(p, SYN | ACK);
	assert_int_equal(s->tcp.options.wscale, 1); /* the smallest that names 100,000 */
	assert_in_range(s->tcp.window, 60000, 65535);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	peer_accept(p);
	s = peer_expect(p, ACK);
	assert_in_range(right_edge(s, 1), 64240, 64242);
	peer_free(p);
}

/* RFC 9293 SHLD-14; and yet the buffer's limit holds, whatever the sizes of segments. */
static void the_right_edge_never_moves_left(void **state)
{
	static const uint64_t options[] = { PLAIN, WITH_SCALE };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		hf_config config = peer_config(false);
		uint32_t at = 1, read = 1, right = 1;
		uint64_t dice = 11;
		unsigned shift = 0;
		hf_conn c;
		peer *p;

		config.receive_buffer = 6u << 20;
		p = transfer_with(&config, options[i], 0, &c);
		if (options[i] & WITH_SCALE)
			shift = 7;
		for (int k = 0; k < 5000; k++) {
			uint32_t room = right - at, len = 1 + draw_below(&dice, 1460);
			const peer_seen *s;

			len = k == 0 ? 1 : len > room ? room : len;
			PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = len);
			at += len;
			if (draw_below(&dice, 3) == 0 && at > read) {
				uint32_t n = 1 + draw_below(&dice, at - read);

				if (hf_conn_consume(p->stack, c, n) == HF_OK)
					read += n;
			}
			peer_wait(p, HF_MS(draw_below(&dice, 60)));
			while ((s = peer_next(p)) != NULL) {
				assert_true(right_edge(s, shift) >= right);
				right = right_edge(s, shift);
			}
		}
		assert_true(at > 1000000);
		peer_free(p);
	}
}

/* A scaled window cannot name every octet; what rounding gives away must have an end. */
static void small_segments_fill_a_scaled_window_too(void **state)
{
	static const uint32_t sizes[] = { 63, 127, 129, 1400 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t at = 1, right = 2, most = 2 * 131072;
		hf_conn c;
		peer *p = transfer(WITH_SCALE, &c);

		p->window = 1000;
		while (at < right && at < most) {
			uint32_t n = 0;

			/* Two of them, and what the host says. */
			for (; n < 2 && at < right; n++, at += sizes[i])
				PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = sizes[i]);
			peer_wait(p, HF_MS(100));
			for (const peer_seen *s; (s = peer_next(p)) != NULL;)
				right = right_edge(s, 7);
		}
		assert_true(at < most);
		assert_true(peer_info(p, c).unread < most);
		peer_free(p);
	}
}

static void the_buffer_grows_for_an_application_that_reads_fast(void **state)
{
	uint32_t at = 1, largest = 0;
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SCALE, HF_MS(10), &c);
	const peer_seen *s;

	(void)state;
	for (int round = 0; round < 12; round++) {
		uint32_t end = at + peer_info(p, c).rcv_wnd, from = at;

		while (end - at >= 1400) {
			PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 1400);
			at += 1400;
		}
		assert_int_equal(hf_conn_consume(p->stack, c, at - from), HF_OK);
		peer_wait(p, HF_MS(10));
		while ((s = peer_next(p)) != NULL)
			largest = (uint32_t)s->tcp.window << 7;
	}
	assert_in_range(largest, 6u << 20, (6u << 20) + 127);
	peer_free(p);
}

/* ---- The peer's window ---- */

static void no_more_is_in_flight_than_the_peers_window_has_room_for(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 3000);
	peer_app_send(p, c, 1, 8000);
	EXPECT_SEGMENTS(p, 1, 3);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1001, .window = 2000);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2001, .window = 2999);
	EXPECT_SEGMENTS(p, 3001, 1);
	peer_free(p);
}

static void the_peers_window_is_scaled_if_both_agreed_and_not_in_its_syn(void **state)
{
	(void)state;
	for (int scaled = 0; scaled < 2; scaled++) {
		hf_conn c;
		peer *p = transfer(scaled ? WITH_SCALE : PLAIN, &c);

		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 40);
		assert_int_equal(peer_info(p, c).snd_wnd, scaled ? 40 << 7 : 40);
		peer_app_send(p, c, 1, 8000);
		if (scaled)
			EXPECT_SEGMENTS(p, 1, 5);
		peer_free(p);

		p = peer_new(NULL);
		p->offer.mss = MSS;
		p->offer.present |= scaled ? WITH_SCALE : 0;
		p->offer.wscale = 7;
		c = peer_open(p);
		peer_expect(p, SYN);
		PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .window = 4000);
		peer_expect(p, ACK);
		peer_app_send(p, c, 1, 8000);
		EXPECT_SEGMENTS(p, 1, 4);
		peer_free(p);
	}
}

/* RFC 9293 3.8.6.2.1: a full segment, half the largest window, or after a while what there is. */
static void a_sender_does_not_answer_silly_windows(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 999);
	peer_app_send(p, c, 1, 3000);
	peer_expect_nothing(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(2)), FIRST_RTO); /* the override */
	EXPECT_TEXT(p, 1, 999);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1000, .window = 1000);
	EXPECT_SEGMENTS(p, 1000, 1);
	peer_free(p);
}

/* The timer that waits for a window is not the one that waits for an acknowledgement. */
static void text_that_a_grown_window_lets_out_has_a_whole_rto(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 999);
	peer_app_send(p, c, 1, MSS);
	peer_expect_nothing(p);
	peer_wait(p, FIRST_RTO - HF_MS(10));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 1000);
	EXPECT_SEGMENTS(p, 1, 1);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(1)), FIRST_RTO);
	peer_free(p);
}

/* RFC 8985 7.2: what the timer lets out is new text, and has a tail loss probe as any. */
static void text_that_the_timer_lets_out_has_a_tail_probe(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SACK, HF_MS(10), &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 999);
	peer_app_send(p, c, 1, 3000);
	peer_expect_nothing(p);
	peer_wait_for_output(p, HF_SEC(2));
	EXPECT_TEXT(p, 1, 999);
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 999)->cause,
			 HF_SENT_TAIL_PROBE);
	peer_free(p);
}

static void half_of_the_largest_window_is_not_silly(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);

	(void)state;
	p->offer.mss = MSS;
	p->window = 600; /* never more than a part of a segment */
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 2900);
	EXPECT_TEXT(p, 1, 600);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 601, .window = 299);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 601, .window = 300);
	EXPECT_TEXT(p, 601, 300);
	peer_expect_nothing(p);
	/* The largest so far is 2600 now. */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 901, .window = 2600);
	EXPECT_SEGMENTS(p, 901, 2);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2901, .window = 90);
	peer_app_send(p, c, 2901, 3000);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2901, .window = 999);
	peer_expect_nothing(p);
	peer_free(p);
}

static void an_old_segment_does_not_change_the_window(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 2000);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1001, .len = 10, .window = 5000);
	PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1001, .window = 6000);
	assert_int_equal(peer_info(p, c).snd_wnd, 6000);
	PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .window = 100); /* older by its ACK */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1001, .len = 20, .window = 200); /* SND.WL1 */
	assert_int_equal(peer_info(p, c).snd_wnd, 6000);
	PEER_SAY(p, .flags = ACK, .seq = 21, .ack = 1001, .window = 300);
	assert_int_equal(peer_info(p, c).snd_wnd, 300);
	peer_free(p);
}

/* ---- A closed window ---- */

/* A window of no octets: peer_say takes 0 for "the usual one". */
static void close_window(peer *p, uint32_t ack)
{
	p->window = 0;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = ack);
}

static void a_closed_window_is_probed_after_one_rto_and_then_ever_more_rarely(void **state)
{
	hf_ns wait = FIRST_RTO;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	close_window(p, 1);
	peer_app_send(p, c, 1, 3000);
	peer_expect_nothing(p);
	for (int i = 0; i < 14; i++) {
		const peer_seen *s;

		ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(200)), wait);
		s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
		peer_check_text(s);
		assert_int_equal(s->cause, HF_SENT_WINDOW_PROBE);
		peer_expect_nothing(p);
		close_window(p, 1);
		wait = wait * 2 > HF_SEC(120) ? HF_SEC(120) : wait * 2;
	}
	/* It opens: all goes at once, beginning with the octet that was not taken. */
	p->window = 65535;
	acknowledge(p, 1);
	EXPECT_TEXT(p, 1, 1);
	EXPECT_TEXT(p, 2, MSS);
	EXPECT_TEXT(p, 1002, MSS);
	peer_expect_nothing(p); /* Nagle: the small probe is in flight */
	acknowledge(p, 2);
	EXPECT_TEXT(p, 2002, 999);
	/* Losses from now on are not waited for as long as the last probe. */
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(200)), FIRST_RTO);
	EXPECT_TEXT(p, 2, MSS);
	acknowledge(p, 3001);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

static void a_connection_stays_open_for_hours_while_probes_are_answered(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_time end = hf_time_add(p->now, HF_SEC(12 * 3600));

	(void)state;
	close_window(p, 1);
	peer_app_send(p, c, 1, 3000);
	while (hf_time_before(p->now, end)) {
		peer_wait_for_output(p, HF_SEC(121));
		peer_ignore(p);
		close_window(p, 1);
	}
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED); /* MUST-37 */
	assert_int_equal(peer_events(p), 0);
	p->window = 65535;
	acknowledge(p, 1);
	peer_ignore(p);
	acknowledge(p, 2002);
	EXPECT_TEXT(p, 2002, 999);
	acknowledge(p, 3001);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

static void probes_that_nobody_answers_end_the_connection(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_time began;

	(void)state;
	close_window(p, 1);
	peer_app_send(p, c, 1, 3000);
	began = p->now;
	while (peer_state(p, c) == HF_ESTABLISHED) {
		assert_true(hf_time_diff(p->now, began) < HF_SEC(3600));
		peer_wait(p, HF_SEC(10));
	}
	assert_true(hf_time_diff(p->now, began) > HF_SEC(100));
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_PROBE_TIMEOUT);
	peer_free(p);
}

static void a_probe_that_the_peer_takes_counts_as_sent(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	close_window(p, 1);
	peer_app_send(p, c, 1, 3000);
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 1, 1);
	close_window(p, 2);
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 2, 1);
	p->window = 65535;
	acknowledge(p, 3);
	EXPECT_TEXT(p, 3, MSS);
	peer_free(p);
}

static void a_window_that_closes_behind_what_is_in_flight_is_probed_too(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 3000);
	EXPECT_SEGMENTS(p, 1, 3);
	close_window(p, 3001);
	peer_app_send(p, c, 3001, 500);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(1)), FIRST_RTO);
	EXPECT_TEXT(p, 3001, 1);
	peer_free(p);
}

static void a_fin_waits_for_a_closed_window_and_is_probed_for(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	close_window(p, 1);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_expect_nothing(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(1)), FIRST_RTO);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	close_window(p, 2);
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
	peer_free(p);
}

/* ---- A window that shrinks ---- */

static void a_shrunk_window_stops_new_text_and_repeats_what_is_inside(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 8000);
	peer_ignore(p);
	peer_app_send(p, c, 8001, 2000);
	EXPECT_SEGMENTS(p, 8001, 2);
	peer_app_send(p, c, 10001, 5000);
	/* The right edge falls from far away to 2501. */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1001, .window = 1500);
	peer_expect_nothing(p); /* SHLD-15 */
	p->window = 1500;
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 1001, MSS); /* SHLD-16 */
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2001, .window = 500);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2001, .window = 65535);
	peer_ignore(p);
	acknowledge(p, 10001);
	EXPECT_TEXT(p, 10001, MSS);
	peer_free(p);
}

static void text_beyond_a_shrunk_window_does_not_end_the_connection(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_time end;

	(void)state;
	peer_app_send(p, c, 1, 4000);
	EXPECT_SEGMENTS(p, 1, 4);
	close_window(p, 2001); /* MUST-35: probed as any closed window */
	end = hf_time_add(p->now, HF_SEC(6 * 3600));
	while (hf_time_before(p->now, end)) {
		peer_wait_for_output(p, HF_SEC(121));
		peer_ignore(p);
		close_window(p, 2001);
	}
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED); /* SHLD-17 */
	p->window = 65535;
	acknowledge(p, 2001);
	peer_wait(p, HF_SEC(1));
	peer_ignore(p);
	acknowledge(p, 4001);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_closes_as_its_buffer_fills_and_opens_as_it_is_read),
		cmocka_unit_test(an_acknowledgement_in_a_closed_window_is_still_taken),
		cmocka_unit_test(a_window_opens_by_a_segment_or_half_a_buffer_at_least),
		cmocka_unit_test(the_syns_window_is_not_scaled_and_the_others_are),
		cmocka_unit_test(the_right_edge_never_moves_left),
		cmocka_unit_test(small_segments_fill_a_scaled_window_too),
		cmocka_unit_test(the_buffer_grows_for_an_application_that_reads_fast),
		cmocka_unit_test(no_more_is_in_flight_than_the_peers_window_has_room_for),
		cmocka_unit_test(the_peers_window_is_scaled_if_both_agreed_and_not_in_its_syn),
		cmocka_unit_test(a_sender_does_not_answer_silly_windows),
		cmocka_unit_test(text_that_a_grown_window_lets_out_has_a_whole_rto),
		cmocka_unit_test(text_that_the_timer_lets_out_has_a_tail_probe),
		cmocka_unit_test(half_of_the_largest_window_is_not_silly),
		cmocka_unit_test(an_old_segment_does_not_change_the_window),
		cmocka_unit_test(a_closed_window_is_probed_after_one_rto_and_then_ever_more_rarely),
		cmocka_unit_test(a_connection_stays_open_for_hours_while_probes_are_answered),
		cmocka_unit_test(probes_that_nobody_answers_end_the_connection),
		cmocka_unit_test(a_probe_that_the_peer_takes_counts_as_sent),
		cmocka_unit_test(a_window_that_closes_behind_what_is_in_flight_is_probed_too),
		cmocka_unit_test(a_fin_waits_for_a_closed_window_and_is_probed_for),
		cmocka_unit_test(a_shrunk_window_stops_new_text_and_repeats_what_is_inside),
		cmocka_unit_test(text_beyond_a_shrunk_window_does_not_end_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
