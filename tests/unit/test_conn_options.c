/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of connections and listeners: ranges, inheritance, and what each of them does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

/* As EXPECT_TEXT, once the peer has sent something itself. */
#define EXPECT_TEXT_AFTER(p, first, octets, heard)                                                 \
	peer_check_text(                                                                           \
		PEER_EXPECT(p, .flags = ACK, .seq = (first), .ack = (heard), .len = (octets)))

typedef struct range {
	hf_option option;
	int64_t least, most, otherwise; /* `otherwise`: what it is before it is set */
	int64_t also;                   /* outside the range, but allowed */
} range;

static const range ranges[] = {
	{ HF_OPTION_NO_DELAY, 0, 1, 0, 0 },
	{ HF_OPTION_KEEPALIVE, HF_SEC(1), INT64_MAX, 0, 0 },
	{ HF_OPTION_USER_TIMEOUT, 0, INT64_MAX, 0, 0 },
	{ HF_OPTION_TRAFFIC_CLASS, 0, 255, 0, 0 },
	{ HF_OPTION_TTL, 1, 255, 64, 1 },
	{ HF_OPTION_CORK, 0, 1, 0, 0 },
	{ HF_OPTION_KEEPALIVE_INTERVAL, HF_SEC(1), INT64_MAX, HF_SEC(75), HF_SEC(1) },
	{ HF_OPTION_KEEPALIVE_PROBES, 1, 127, 9, 1 },
	{ HF_OPTION_KEEPALIVE_OCTET, 0, 1, 0, 0 },
	{ HF_OPTION_SYN_RETRIES, 1, 127, 7, 1 },
	{ HF_OPTION_RETRIES, 1, 255, 15, 1 },
	{ HF_OPTION_TROUBLE_RETRIES, 1, 255, 3, 1 },
	{ HF_OPTION_MSS, 48, 65495, 0, 0 },
	{ HF_OPTION_FIN_WAIT_2, 0, INT64_MAX, 0, -1 },
	{ HF_OPTION_LINGER, 0, INT64_MAX, -1, -1 },
	{ HF_OPTION_WINDOW_CLAMP, 0, 1 << 30, 0, 0 },
	{ HF_OPTION_RECEIVE_LOW, 0, 1 << 30, 0, 0 },
	{ HF_OPTION_UNSENT_LOW, 0, 1 << 30, 0, 0 },
	{ HF_OPTION_SEND_BUFFER, 0, 1 << 30, 0, 0 },
	{ HF_OPTION_RECEIVE_BUFFER, 0, 1 << 30, 0, 0 },
	{ HF_OPTION_USER_TIMEOUT_OPTION, 0, 1, 0, 0 },
	{ HF_OPTION_NO_SOFT_ERRORS, 0, 1, 0, 0 },
	{ HF_OPTION_URGENT_APART, 0, 1, 0, 0 },
};

static void assert_option(peer *p, hf_conn c, hf_option option, int64_t want)
{
	int64_t value = -77;

	assert_int_equal(hf_conn_get(p->stack, c, option, &value), HF_OK);
	assert_int_equal(value, want);
}

static void check_range(peer *p, hf_conn c, const range *r)
{
	hf_stack *s = p->stack;

	assert_option(p, c, r->option, r->otherwise);
	assert_int_equal(hf_conn_set(s, c, r->option, r->least), HF_OK);
	assert_option(p, c, r->option, r->least);
	assert_int_equal(hf_conn_set(s, c, r->option, r->most), HF_OK);
	assert_int_equal(hf_conn_set(s, c, r->option, -2), HF_ERR_INVALID);
	if (r->least - 1 != r->also)
		assert_int_equal(hf_conn_set(s, c, r->option, r->least - 1), HF_ERR_INVALID);
	if (r->most < INT64_MAX)
		assert_int_equal(hf_conn_set(s, c, r->option, r->most + 1), HF_ERR_INVALID);
	assert_option(p, c, r->option, r->most);
	assert_int_equal(hf_conn_set(s, c, r->option, r->also), HF_OK);
	assert_option(p, c, r->option, r->also);
}

static void every_option_has_its_range_and_its_default(void **state)
{
	hf_conn c, dead = { 0, 77 };
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		peer *p = transfer(PLAIN, &c);

		check_range(p, c, &ranges[i]);
		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_COUNT, 0), HF_ERR_INVALID);
		assert_int_equal(hf_conn_get(p->stack, c, HF_OPTION_COUNT, &value), HF_ERR_INVALID);
		assert_int_equal(hf_conn_set(p->stack, dead, ranges[i].option, 1), HF_ERR_STALE);
		assert_int_equal(hf_conn_get(p->stack, dead, ranges[i].option, &value),
				 HF_ERR_STALE);
		peer_free(p);
	}
}

static void what_one_connection_sets_another_does_not_have(void **state)
{
	hf_conn a, b;
	peer *p = transfer(PLAIN, &a);

	(void)state;
	p->self.port++;
	b = peer_handshake_passive(p);
	assert_int_equal(hf_conn_set(p->stack, a, HF_OPTION_KEEPALIVE_PROBES, 3), HF_OK);
	assert_option(p, a, HF_OPTION_KEEPALIVE_PROBES, 3);
	assert_option(p, b, HF_OPTION_KEEPALIVE_PROBES, 9);
	peer_free(p);
}

static void a_call_without_memory_changes_nothing(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	p->heap.refuses = true;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_TTL, 9), HF_ERR_NO_MEMORY);
	assert_option(p, c, HF_OPTION_TTL, 64);
	p->heap.refuses = false;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_TTL, 9), HF_OK);
	p->heap.refuses = true; /* the block is its own now */
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_TTL, 10), HF_OK);
	assert_option(p, c, HF_OPTION_TTL, 10);
	p->heap.refuses = false;
	peer_free(p);
}

/* ---- Listeners ---- */

static void set_listener(peer *p, hf_option option, int64_t value)
{
	int64_t got = -77;

	assert_int_equal(hf_listener_set(p->stack, p->listener, option, value), HF_OK);
	assert_int_equal(hf_listener_get(p->stack, p->listener, option, &got), HF_OK);
	assert_int_equal(got, value);
}

static void a_listeners_options_hold_from_the_syn_ack_on(void **state)
{
	peer *p = peer_new(NULL);
	const peer_seen *s;
	hf_conn c;

	(void)state;
	peer_listen(p);
	set_listener(p, HF_OPTION_TTL, 9);
	set_listener(p, HF_OPTION_TRAFFIC_CLASS, 0xb8);
	set_listener(p, HF_OPTION_MSS, 700);
	set_listener(p, HF_OPTION_NO_DELAY, 1);
	set_listener(p, HF_OPTION_KEEPALIVE_PROBES, 2);
	set_listener(p, HF_OPTION_RECEIVE_BUFFER, 3000);
	PEER_SAY(p, .flags = SYN);
	s = peer_expect(p, SYN | ACK);
	assert_int_equal(s->ip.ttl, 9);
	assert_int_equal(s->ip.traffic_class, 0xb8);
	assert_int_equal(s->tcp.options.mss, 700);
	assert_int_equal(s->tcp.window, 2800); /* whole segments */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 11);
	assert_int_equal(s->ip.ttl, 9);
	assert_int_equal(s->ip.traffic_class, 0xb8);
	c = peer_accept(p);
	assert_option(p, c, HF_OPTION_KEEPALIVE_PROBES, 2);
	/* Nagle is off, and no segment is larger than what was set. */
	peer_app_send(p, c, 1, 100);
	EXPECT_TEXT_AFTER(p, 1, 100, 11);
	peer_app_send(p, c, 101, 800);
	EXPECT_TEXT_AFTER(p, 101, 700, 11);
	EXPECT_TEXT_AFTER(p, 801, 100, 11);
	peer_free(p);
}

static void a_listener_knows_what_options_are_and_when_it_is_gone(void **state)
{
	peer *p = peer_new(NULL);
	int64_t value;

	(void)state;
	peer_listen(p);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_TTL, 0), HF_ERR_INVALID);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_QUICK_ACK, 1),
			 HF_ERR_INVALID);
	assert_int_equal(hf_listener_get(p->stack, p->listener, HF_OPTION_COUNT, &value),
			 HF_ERR_INVALID);
	hf_listener_close(p->stack, p->listener);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_TTL, 9), HF_ERR_STALE);
	assert_int_equal(hf_listener_get(p->stack, p->listener, HF_OPTION_TTL, &value),
			 HF_ERR_STALE);
	peer_free(p);
}

static hf_err open_again(peer *p, uint8_t exclusive)
{
	hf_listener_options o = { .size = sizeof(o), .exclusive = exclusive };
	hf_listener l;
	hf_err err = hf_listener_open(p->stack, &p->host, &o, &l);

	if (err == HF_OK)
		hf_listener_close(p->stack, l);
	return err;
}

static void an_exclusive_listener_waits_for_the_last_conversation_to_be_forgotten(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_listener_close(p->stack, p->listener);
	assert_int_equal(open_again(p, 1), HF_ERR_IN_USE); /* the connection */
	assert_int_equal(open_again(p, 0), HF_OK);
	hf_conn_close(p->stack, c);
	peer_collect(p);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	assert_int_equal(peer_stats(p).time_wait, 1);
	assert_int_equal(open_again(p, 1), HF_ERR_IN_USE); /* its TIME-WAIT record */
	assert_int_equal(open_again(p, 0), HF_OK);
	peer_wait(p, HF_SEC(61));
	assert_int_equal(open_again(p, 1), HF_OK);
	peer_free(p);
}

/* ---- TCP_DEFER_ACCEPT ---- */

static peer *deferring(hf_ns time)
{
	peer *p = peer_new(NULL);

	peer_listen(p);
	set_listener(p, HF_OPTION_DEFER_ACCEPT, time);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_ACCEPT_DEFERRED);
	assert_int_equal(peer_events(p), 0);
	return p;
}

static void a_deferring_listener_gives_out_a_connection_with_its_first_text(void **state)
{
	peer *p = deferring(HF_SEC(3));
	hf_conn c;

	(void)state;
	peer_wait(p, HF_MS(2500));
	peer_expect_nothing(p); /* acknowledged it was: the SYN-ACK does not go again */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5), HF_WHY_NONE);
	c = peer_accept(p);
	peer_app_receive(p, c, 1, 5);
	peer_free(p);
}

static void a_deferring_listener_has_no_patience_without_end(void **state)
{
	peer *p = deferring(HF_SEC(3));

	(void)state;
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(9)), HF_SEC(3));
	peer_expect(p, SYN | ACK); /* a last chance */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	peer_free(p);
}

/* ---- Retries ---- */

static void a_connection_may_have_its_own_number_of_syns(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_SYN_RETRIES, 2), HF_OK);
	peer_expect(p, SYN);
	peer_wait(p, HF_SEC(1) + HF_MS(1));
	peer_expect(p, SYN);
	peer_wait(p, HF_SEC(2) + HF_MS(1));
	peer_expect(p, SYN);
	peer_wait(p, HF_SEC(4) + HF_MS(1));
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_SYN_TIMEOUT);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_listener_may_have_its_own_number_of_syn_acks(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	set_listener(p, HF_OPTION_SYN_RETRIES, 1);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	peer_wait(p, HF_SEC(1) + HF_MS(1));
	peer_expect(p, SYN | ACK);
	peer_wait(p, HF_SEC(2) + HF_MS(1));
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_expect_nothing(p);
	peer_free(p);
}

static void r1_and_r2_are_a_connections_own(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_TROUBLE_RETRIES, 2);
	hf_conn_set(p->stack, c, HF_OPTION_RETRIES, 4);
	peer_app_send(p, c, 1, 10);
	peer_expect(p, ACK);
	for (int i = 1; i <= 4; i++) {
		peer_wait_for_output(p, HF_SEC(100));
		peer_expect(p, ACK);
		assert_int_equal(peer_events(p), i == 2 ? HF_EVENT_TROUBLE : 0);
	}
	peer_wait(p, HF_SEC(100));
	peer_expect_nothing(p);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_DATA_TIMEOUT);
	peer_free(p);
}

/* ---- Lows ---- */

static void readable_is_told_when_enough_is_there(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_RECEIVE_LOW, 100);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 99);
	assert_int_equal(peer_events(p), 0);
	PEER_SAY(p, .flags = ACK, .seq = 100, .ack = 1, .len = 1);
	assert_int_equal(peer_events(p), HF_EVENT_READABLE);
	peer_app_receive(p, c, 1, 100);
	/* The end of the stream is told whatever is there. */
	PEER_SAY(p, .flags = ACK | FIN, .seq = 101, .ack = 1, .len = 3);
	assert_int_equal(peer_events(p), HF_EVENT_READABLE | HF_EVENT_PEER_CLOSED);
	peer_free(p);
}

static void readable_is_told_when_no_more_would_fit(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_RECEIVE_LOW, 1 << 30);
	for (uint32_t at = 1; peer_events(p) == 0; at += 1000) {
		assert_in_range(at, 1, 70000);
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 1000);
	}
	assert_true(peer_info(p, c).rcv_wnd <= 1000);
	peer_free(p);
}

static void unsent_octets_have_their_own_limit(void **state)
{
	static const uint8_t text[60000];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t sent;

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_UNSENT_LOW, 4000);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 4000);
	assert_int_equal(hf_conn_send(p->stack, c, text, 1, &sent), HF_ERR_AGAIN);
	peer_collect(p); /* all of it leaves: there is room at once, without an ACK */
	assert_int_equal(peer_events(p), HF_EVENT_WRITABLE);
	assert_int_equal(peer_info(p, c).in_flight, 4000);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 4000);
	peer_free(p);
}

/* More than the buffer holds never waits: half of the buffer is room enough to tell of. */
static void a_limit_of_unsent_octets_above_the_buffer_does_not_hide_its_room(void **state)
{
	static const uint8_t text[5000];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t sent;

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_SEND_BUFFER, 2000);
	hf_conn_set(p->stack, c, HF_OPTION_UNSENT_LOW, 6000);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 2000);
	peer_ignore(p);
	assert_int_equal(peer_events(p), 0);
	acknowledge(p, 2001);
	assert_true(peer_events(p) & HF_EVENT_WRITABLE);
	peer_free(p);
}

/* Who waits to be told of room adds nothing to what a cork holds back. */
static void a_cork_lets_go_of_what_its_application_cannot_add_to(void **state)
{
	static const uint8_t text[500];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t sent;

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_CORK, 1);
	hf_conn_set(p->stack, c, HF_OPTION_UNSENT_LOW, 343);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 343);
	hf_conn_set(p->stack, c, HF_OPTION_UNSENT_LOW, 600); /* 257 more: not worth telling */
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 343);
	peer_free(p);
}

/* The text fills the window to the octet, and the FIN has no room: the cork is out all the same. */
static void a_cork_lets_go_at_the_end_though_the_fin_does_not_fit(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);

	(void)state;
	p->offer.mss = MSS;
	p->window = 500;
	c = peer_handshake_passive(p);
	hf_conn_set(p->stack, c, HF_OPTION_CORK, 1);
	peer_app_send(p, c, 1, 500);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 500);
	acknowledge(p, 501);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 501, .ack = 1);
	peer_free(p);
}

static void a_set_send_buffer_is_as_large_from_the_start(void **state)
{
	static const uint8_t text[300000];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t sent;

	(void)state;
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 65536);
	hf_conn_set(p->stack, c, HF_OPTION_SEND_BUFFER, 100000);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, 100000 - 65536);
	peer_free(p);
}

static void a_smaller_mss_holds_from_the_next_segment_on(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 1000);
	EXPECT_TEXT(p, 1, 1000);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, 700), HF_OK);
	peer_app_send(p, c, 1001, 1400);
	EXPECT_TEXT(p, 1001, 700);
	EXPECT_TEXT(p, 1701, 700);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, 0), HF_OK);
	acknowledge(p, 2401);
	peer_app_send(p, c, 2401, 1000);
	EXPECT_TEXT(p, 2401, 1000);
	peer_free(p);
}

static void an_mss_that_is_set_before_the_handshake_holds_in_it_and_after(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, 700), HF_OK);
	assert_int_equal(peer_expect(p, SYN)->tcp.options.mss, 700);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_app_send(p, c, 1, 1400);
	EXPECT_TEXT(p, 1, 700);
	EXPECT_TEXT(p, 701, 700);
	peer_free(p);
}

/* One octet may wait unsent, and does: an ACK alone makes no room for another. */
static void the_smallest_low_has_no_room_while_it_is_taken(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t sent;

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_UNSENT_LOW, 1);
	p->window = 10;
	acknowledge(p, 1);
	peer_app_send(p, c, 1, 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
	p->window = 0;
	acknowledge(p, 1);
	assert_int_equal(hf_conn_send(p->stack, c, "o", 1, &sent), HF_OK);
	assert_int_equal(hf_conn_send(p->stack, c, "o", 1, &sent), HF_ERR_AGAIN);
	peer_ignore(p);
	peer_events(p);
	acknowledge(p, 2);
	assert_int_equal(peer_events(p) & HF_EVENT_WRITABLE, 0);
	p->window = 10;
	acknowledge(p, 2);
	peer_collect(p);
	assert_true(peer_events(p) & HF_EVENT_WRITABLE);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_has_its_range_and_its_default),
		cmocka_unit_test(what_one_connection_sets_another_does_not_have),
		cmocka_unit_test(a_call_without_memory_changes_nothing),
		cmocka_unit_test(a_listeners_options_hold_from_the_syn_ack_on),
		cmocka_unit_test(a_listener_knows_what_options_are_and_when_it_is_gone),
		cmocka_unit_test(
			an_exclusive_listener_waits_for_the_last_conversation_to_be_forgotten),
		cmocka_unit_test(a_deferring_listener_gives_out_a_connection_with_its_first_text),
		cmocka_unit_test(a_deferring_listener_has_no_patience_without_end),
		cmocka_unit_test(a_connection_may_have_its_own_number_of_syns),
		cmocka_unit_test(a_listener_may_have_its_own_number_of_syn_acks),
		cmocka_unit_test(r1_and_r2_are_a_connections_own),
		cmocka_unit_test(readable_is_told_when_enough_is_there),
		cmocka_unit_test(readable_is_told_when_no_more_would_fit),
		cmocka_unit_test(unsent_octets_have_their_own_limit),
		cmocka_unit_test(a_limit_of_unsent_octets_above_the_buffer_does_not_hide_its_room),
		cmocka_unit_test(a_cork_lets_go_of_what_its_application_cannot_add_to),
		cmocka_unit_test(a_cork_lets_go_at_the_end_though_the_fin_does_not_fit),
		cmocka_unit_test(a_set_send_buffer_is_as_large_from_the_start),
		cmocka_unit_test(a_smaller_mss_holds_from_the_next_segment_on),
		cmocka_unit_test(an_mss_that_is_set_before_the_handshake_holds_in_it_and_after),
		cmocka_unit_test(the_smallest_low_has_no_room_while_it_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
