/* SPDX-License-Identifier: BSD-2-Clause */
/* Urgent data and FLUSH, from the application's side (RFC 9293 3.8.5, 3.9.1.7, RFC 6093). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <handfast/urgent.h>

#include "tests/unit/transfer.h"

static hf_conn_urgent urgent_of(const peer *p, hf_conn c)
{
	hf_conn_urgent u;

	assert_int_equal(hf_conn_urgent_get(p->stack, c, &u), HF_OK);
	return u;
}

static void send_urgent(peer *p, hf_conn c, uint32_t from, uint32_t len)
{
	uint8_t text[70000];
	size_t sent;

	assert_true(len <= sizeof(text));
	peer_pattern(text, from, len);
	assert_int_equal(hf_conn_send_urgent(p->stack, c, text, len, &sent), HF_OK);
	assert_int_equal(sent, len);
}

static void expect_urgent(peer *p, uint32_t seq, uint32_t len, uint16_t pointer)
{
	const peer_seen *s = PEER_EXPECT(p, .flags = ACK | URG, .seq = seq, .ack = 1, .len = len);

	assert_int_equal(s->tcp.urgent, pointer);
	peer_check_text(s);
}

static void keep_apart(peer *p, hf_conn c)
{
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_URGENT_APART, 1), HF_OK);
}

/* MUST-32 */
static void the_application_is_told_of_each_new_mark_and_of_no_old_one(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 100);
	assert_int_equal(peer_events(p), HF_EVENT_URGENT);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 100);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 50);
	assert_int_equal(peer_events(p), 0);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 101);
	assert_int_equal(peer_events(p), HF_EVENT_URGENT);
	peer_ignore(p);
	peer_free(p);
}

/* MUST-33 */
static void how_much_is_left_is_known_before_it_has_arrived(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 60, .urgent = 100);
	assert_int_equal(urgent_of(p, c).ahead, 100);
	peer_app_receive(p, c, 1, 60);
	assert_int_equal(urgent_of(p, c).ahead, 40);
	PEER_SAY(p, .flags = ACK, .seq = 61, .ack = 1, .len = 60);
	peer_app_receive(p, c, 61, 39);
	assert_true(urgent_of(p, c).at_mark);
	assert_int_equal(urgent_of(p, c).ahead, 1);
	peer_app_receive(p, c, 100, 21);
	assert_int_equal(urgent_of(p, c).ahead, 0);
	assert_false(urgent_of(p, c).at_mark);
	peer_ignore(p);
	peer_free(p);
}

static void reading_stops_once_before_the_last_urgent_octet(void **state)
{
	uint8_t octets[100];
	const uint8_t *lent;
	size_t got;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 50, .urgent = 20);
	assert_int_equal(hf_conn_peek(p->stack, c, &lent, &got), HF_OK);
	assert_int_equal(got, 19);
	assert_int_equal(hf_conn_receive(p->stack, c, octets, 100, &got), HF_OK);
	assert_int_equal(got, 19);
	assert_int_equal(hf_conn_receive(p->stack, c, octets, 100, &got), HF_OK);
	assert_int_equal(got, 31); /* in line, none is missing */
	assert_int_equal(octets[0], peer_octet(20));
	peer_ignore(p);
	peer_free(p);
}

static void kept_apart_the_octet_is_the_right_one_and_missing_from_the_stream(void **state)
{
	uint8_t octet = 0;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	keep_apart(p, c);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_ERR_INVALID);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 20);
	peer_events(p);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_ERR_AGAIN);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 50);
	assert_true(peer_events(p) & HF_EVENT_URGENT);
	assert_true(urgent_of(p, c).octet_waits);
	for (unsigned i = 0; i < 2; i++) { /* the first time it is kept */
		assert_int_equal(hf_conn_urgent_octet(p->stack, c, i == 0, &octet), HF_OK);
		assert_int_equal(octet, peer_octet(20));
	}
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_ERR_INVALID);
	peer_app_receive(p, c, 1, 19);
	peer_app_receive(p, c, 21, 30);
	peer_ignore(p);
	peer_free(p);
}

static void read_past_the_octet_waits_on_the_side(void **state)
{
	uint8_t octet = 0;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	keep_apart(p, c);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 50, .urgent = 20);
	peer_app_receive(p, c, 1, 19);
	peer_app_receive(p, c, 21, 30);
	assert_int_equal(urgent_of(p, c).ahead, 0);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_OK);
	assert_int_equal(octet, peer_octet(20));
	peer_ignore(p);
	peer_free(p);
}

static void closing_with_only_the_taken_octet_left_is_no_loss(void **state)
{
	uint8_t octet;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	keep_apart(p, c);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 1, .urgent = 1);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_OK);
	peer_ignore(p);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	peer_expect(p, FIN | ACK);
	peer_free(p);
}

/* MUST-66: URG is heard through a closed window. */
static void a_closed_window_does_not_keep_the_mark_out(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_RECEIVE_BUFFER, 2000), HF_OK);
	for (uint32_t seq = 1; peer_info(p, c).rcv_wnd > 0; seq += 500)
		PEER_SAY(p, .flags = ACK, .seq = seq, .ack = 1, .len = 500);
	peer_events(p);
	PEER_SAY(p, .flags = ACK | URG, .seq = peer_info(p, c).rcv_nxt - p->isn.v, .ack = 1,
		 .urgent = 10);
	assert_int_equal(peer_events(p), HF_EVENT_URGENT);
	peer_ignore(p);
	peer_free(p);
}

/* MUST-31: more than the pointer's 16 bits can tell. */
static void a_distance_beyond_16_bits_is_told_as_far_as_it_goes(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_SEND_BUFFER, 100000), HF_OK);
	send_urgent(p, c, 1, 70000);
	for (uint32_t seq = 1; seq < 1 + IW; seq += MSS)
		expect_urgent(p, seq, MSS,
			      70001 - seq > UINT16_MAX ? UINT16_MAX : (uint16_t)(70001 - seq));
	assert_int_equal(urgent_of(p, c).unacknowledged, 70000);
	peer_ignore(p);
	peer_free(p);
}

static void a_link_that_cuts_gets_urgent_text_segment_by_segment(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.offloads = HF_OFFLOAD_TX_TSO;
	p = transfer_with(&config, PLAIN, 0, &c);
	send_urgent(p, c, 1, 3000);
	expect_urgent(p, 1, MSS, 3000);
	expect_urgent(p, 1001, MSS, 2000);
	expect_urgent(p, 2001, MSS, 1000);
	acknowledge(p, 3001);
	peer_expect_nothing(p);
	peer_free(p);
}

static void what_is_urgent_before_the_handshake_is_marked_after_it(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);

	(void)state;
	c = peer_open(p);
	peer_expect(p, SYN);
	send_urgent(p, c, 1, 10);
	assert_int_equal(urgent_of(p, c).unacknowledged, 10);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	expect_urgent(p, 1, 10, 10);
	peer_free(p);
}

/* MAY-14 */
static void flush_drops_what_was_never_sent_and_nothing_else(void **state)
{
	size_t dropped = 0;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 100);
	EXPECT_TEXT(p, 1, 100);
	peer_app_send(p, c, 101, 50); /* Nagle holds it back */
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_flush(p->stack, c, &dropped), HF_OK);
	assert_int_equal(dropped, 50);
	assert_int_equal(hf_conn_flush(p->stack, c, &dropped), HF_OK);
	assert_int_equal(dropped, 0);
	acknowledge(p, 101);
	peer_expect_nothing(p);
	peer_app_send(p, c, 101, 10);
	EXPECT_TEXT(p, 101, 10);
	acknowledge(p, 111);
	peer_free(p);
}

static void flush_drops_the_mark_and_leaves_the_fin(void **state)
{
	hf_conn c;
	peer *p;

	(void)state;
	p = transfer(PLAIN, &c);
	peer_app_send(p, c, 1, 100);
	EXPECT_TEXT(p, 1, 100);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101, .window = 0);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, 1), HF_OK);
	peer_app_send(p, c, 101, 20);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	assert_int_equal(hf_conn_flush(p->stack, c, NULL), HF_OK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101, .window = 1000);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 101, .ack = 1);
	peer_free(p);
}

static void flush_frees_what_nothing_needs_any_more(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t before = peer_stats(p).buffers;

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, 1), HF_OK);
	peer_app_send(p, c, 1, 100);
	assert_int_equal(hf_conn_flush(p->stack, c, NULL), HF_OK);
	assert_int_equal(peer_stats(p).buffers, before);
	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	assert_int_equal(hf_conn_flush(p->stack, c, NULL), HF_ERR_STALE);
	peer_ignore(p);
	peer_free(p);
}

/* Nothing that the call did not take is urgent, whatever stood in `sent` before. */
static void a_call_that_takes_nothing_marks_nothing(void **state)
{
	static const uint8_t text[100000];
	size_t sent = 7;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_send_urgent(p->stack, c, "", 0, &sent), HF_OK);
	assert_int_equal(sent, 0);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_true(sent > 0 && sent < sizeof(text)); /* the buffer is full */
	assert_int_equal(hf_conn_send_urgent(p->stack, c, "x", 1, &sent), HF_ERR_AGAIN);
	assert_int_equal(urgent_of(p, c).unacknowledged, 0);
	assert_int_equal(peer_expect(p, ACK)->len, MSS); /* without URG */
	peer_free(p);
}

/* What a connection did not deliver before its end is no longer urgent to anybody. */
static void nothing_is_urgent_once_the_connection_has_ended(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	send_urgent(p, c, 1, 10);
	assert_int_equal(urgent_of(p, c).unacknowledged, 10);
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(urgent_of(p, c).unacknowledged, 0);
	peer_free(p);
}

/* What keeps the marks is given back once both directions are past them. */
static void marks_that_are_over_take_no_memory(void **state)
{
	size_t before;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10); /* what a talking connection keeps in any case */
	peer_ignore(p);
	acknowledge(p, 11);
	before = peer_stats(p).memory;
	send_urgent(p, c, 11, 10);
	peer_ignore(p);
	assert_true(peer_stats(p).memory > before);
	acknowledge(p, 21);
	assert_true(peer_stats(p).memory == before);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 21, .len = 10, .urgent = 10);
	peer_ignore(p);
	assert_int_equal(hf_conn_consume(p->stack, c, 9), HF_OK);
	assert_true(peer_stats(p).memory > before);
	assert_int_equal(hf_conn_consume(p->stack, c, 1), HF_OK);
	assert_true(peer_stats(p).memory == before);
	peer_free(p);
}

/* A mark in front of what is read next names nothing: it is no news (MUST-32). */
static void a_mark_before_what_is_unread_is_not_told(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	peer_app_receive(p, c, 1, 10);
	peer_events(p);
	PEER_SAY(p, .flags = ACK | URG, .seq = 11, .ack = 1, .len = 5, .urgent = 0);
	assert_int_equal(peer_events(p), HF_EVENT_READABLE);
	PEER_SAY(p, .flags = ACK | URG, .seq = 16, .ack = 1, .len = 5, .urgent = 1);
	assert_true(peer_events(p) & HF_EVENT_URGENT);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_application_is_told_of_each_new_mark_and_of_no_old_one),
		cmocka_unit_test(how_much_is_left_is_known_before_it_has_arrived),
		cmocka_unit_test(reading_stops_once_before_the_last_urgent_octet),
		cmocka_unit_test(kept_apart_the_octet_is_the_right_one_and_missing_from_the_stream),
		cmocka_unit_test(read_past_the_octet_waits_on_the_side),
		cmocka_unit_test(closing_with_only_the_taken_octet_left_is_no_loss),
		cmocka_unit_test(a_closed_window_does_not_keep_the_mark_out),
		cmocka_unit_test(a_distance_beyond_16_bits_is_told_as_far_as_it_goes),
		cmocka_unit_test(a_link_that_cuts_gets_urgent_text_segment_by_segment),
		cmocka_unit_test(what_is_urgent_before_the_handshake_is_marked_after_it),
		cmocka_unit_test(flush_drops_what_was_never_sent_and_nothing_else),
		cmocka_unit_test(flush_drops_the_mark_and_leaves_the_fin),
		cmocka_unit_test(flush_frees_what_nothing_needs_any_more),
		cmocka_unit_test(a_call_that_takes_nothing_marks_nothing),
		cmocka_unit_test(nothing_is_urgent_once_the_connection_has_ended),
		cmocka_unit_test(marks_that_are_over_take_no_memory),
		cmocka_unit_test(a_mark_before_what_is_unread_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
