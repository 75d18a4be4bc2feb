/* SPDX-License-Identifier: BSD-2-Clause */
/* Where urgent data begins and ends, and what is as before then (RFC 9293 3.8.5). */
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
	uint8_t text[100];
	size_t sent;

	assert_true(len <= sizeof(text));
	peer_pattern(text, from, len);
	assert_int_equal(hf_conn_send_urgent(p->stack, c, text, len, &sent), HF_OK);
	assert_int_equal(sent, len);
}

/* MUST-62: the pointer is at the last urgent octet; without one there is none. */
static void no_octets_are_no_urgent_data(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	send_urgent(p, c, 11, 0);
	assert_int_equal(urgent_of(p, c).unacknowledged, 0);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 11);
	peer_app_send(p, c, 11, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10);
	peer_free(p);
}

/* Urgent text does not wait; once it is acknowledged, short segments do again (SHLD-7). */
static void acknowledged_urgent_data_hastens_nothing_any_more(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	send_urgent(p, c, 11, 10);
	PEER_EXPECT(p, .flags = ACK | URG, .seq = 11, .ack = 1, .len = 10);
	peer_app_send(p, c, 21, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 21, .ack = 1, .len = 10);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 20);
	assert_int_equal(urgent_of(p, c).unacknowledged, 1);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 21);
	assert_int_equal(urgent_of(p, c).unacknowledged, 0);
	peer_app_send(p, c, 31, 10);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 31);
	PEER_EXPECT(p, .flags = ACK, .seq = 31, .ack = 1, .len = 10);
	peer_free(p);
}

/* MAY-14: what is dropped is announced no more, though text before it is in flight. */
static void flushed_urgent_data_is_announced_no_more(void **state)
{
	size_t dropped;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	p->window = 10;
	acknowledge(p, 1);
	peer_app_send(p, c, 1, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	send_urgent(p, c, 11, 10);
	assert_int_equal(hf_conn_flush(p->stack, c, &dropped), HF_OK);
	assert_int_equal(dropped, 10);
	peer_expect_nothing(p);
	p->window = 1000;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 11);
	assert_int_equal(urgent_of(p, c).unacknowledged, 0);
	peer_app_send(p, c, 11, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10);
	peer_free(p);
}

/* MAY-15: nor does what was never sent hasten what a cork holds. */
static void flushed_urgent_data_hastens_nothing(void **state)
{
	size_t dropped;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	send_urgent(p, c, 1, 10);
	assert_int_equal(hf_conn_flush(p->stack, c, &dropped), HF_OK);
	assert_int_equal(dropped, 10);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, 1), HF_OK);
	peer_app_send(p, c, 1, 10);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, 0), HF_OK);
	EXPECT_TEXT(p, 1, 10);
	peer_free(p);
}

static void a_closed_connection_has_nothing_to_flush(void **state)
{
	size_t dropped = 7;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(hf_conn_flush(p->stack, c, &dropped), HF_ERR_RESET);
	assert_int_equal(dropped, 7);
	peer_free(p);
}

/* MUST-32: a pointer to where reading stands names nothing that is still to be read. */
static void a_pointer_to_what_was_read_is_no_news(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 0);
	assert_int_equal(peer_events(p), 0);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 1);
	assert_int_equal(peer_events(p), HF_EVENT_URGENT);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_app_receive(p, c, 1, 100);
	peer_ignore(p);
	peer_events(p);
	PEER_SAY(p, .flags = ACK | URG, .seq = 101, .ack = 1, .urgent = 0);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(urgent_of(p, c).ahead, 0);
	peer_free(p);
}

/* Read in its place, the octet is not there to be taken besides, whatever is set later. */
static void past_the_mark_the_mark_is_forgotten(void **state)
{
	uint8_t octet;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 20, .urgent = 20);
	peer_app_receive(p, c, 1, 19); /* up to the mark, where it stops once */
	assert_true(urgent_of(p, c).at_mark);
	peer_app_receive(p, c, 20, 1);
	assert_false(urgent_of(p, c).at_mark);
	assert_int_equal(urgent_of(p, c).ahead, 0);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_URGENT_APART, 1), HF_OK);
	assert_false(urgent_of(p, c).octet_waits);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_ERR_INVALID);
	peer_free(p);
}

/* A mark is told ahead of its octet, which cannot be taken before it is there. */
static void the_octet_at_the_mark_waits_until_it_has_arrived(void **state)
{
	uint8_t octet;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_URGENT_APART, 1), HF_OK);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = 1);
	assert_false(urgent_of(p, c).octet_waits);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, true, &octet), HF_ERR_AGAIN);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 1, .urgent = 1);
	assert_true(urgent_of(p, c).octet_waits);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, true, &octet), HF_OK);
	assert_int_equal(octet, peer_octet(1));
	peer_free(p);
}

/* RFC 6093 3.3 turned off: an octet that was taken apart is in the stream no more. */
static void what_was_taken_apart_is_not_read_again_when_a_new_mark_comes(void **state)
{
	uint8_t octet;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_URGENT_APART, 1), HF_OK);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .len = 10, .urgent = 10);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_OK);
	assert_int_equal(octet, peer_octet(10));
	peer_app_receive(p, c, 1, 9);
	PEER_SAY(p, .flags = ACK | URG, .seq = 11, .ack = 1, .len = 10, .urgent = 10);
	peer_app_receive(p, c, 11, 9);
	assert_int_equal(hf_conn_urgent_octet(p->stack, c, false, &octet), HF_OK);
	assert_int_equal(octet, peer_octet(20));
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_octets_are_no_urgent_data),
		cmocka_unit_test(acknowledged_urgent_data_hastens_nothing_any_more),
		cmocka_unit_test(flushed_urgent_data_is_announced_no_more),
		cmocka_unit_test(flushed_urgent_data_hastens_nothing),
		cmocka_unit_test(a_closed_connection_has_nothing_to_flush),
		cmocka_unit_test(a_pointer_to_what_was_read_is_no_news),
		cmocka_unit_test(past_the_mark_the_mark_is_forgotten),
		cmocka_unit_test(the_octet_at_the_mark_waits_until_it_has_arrived),
		cmocka_unit_test(what_was_taken_apart_is_not_read_again_when_a_new_mark_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
