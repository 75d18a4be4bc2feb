/* SPDX-License-Identifier: BSD-2-Clause */
/* Closing: from either side, from both at once, by halves, and by force (RFC 9293 3.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define TWO_MSL HF_SEC(60) /* of the usual settings */

static void assert_ended(peer *p, hf_conn c, hf_reason why)
{
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_true(hf_conn_equal(p->event.conn, c));
	assert_int_equal(p->event.reason, why);
	assert_int_equal(peer_info(p, c).reason, why);
}

static void shut(peer *p, hf_conn c)
{
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
}

/* Everything has been forgotten, and nothing more is sent. */
static void assert_nothing_is_left(peer *p)
{
	peer_events(p); /* an event that waits keeps its connection */
	peer_wait(p, HF_SEC(3600));
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).connections, 0);
	assert_int_equal(peer_stats(p).time_wait, 0);
	assert_int_equal(hf_stack_deadline(p->stack).ns, HF_NEVER.ns);
	peer_free(p);
}

/* ---- The paths of figure 5 ---- */

static void the_host_closes_first_and_waits_2_msl(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	shut(p, c);
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_1);
	assert_int_equal(PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1)->cause,
			 HF_SENT_FIN);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_ended(p, c, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	peer_wait(p, TWO_MSL - HF_MS(1));
	assert_int_equal(peer_stats(p).time_wait, 1);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_wait(p, HF_MS(2));
	assert_int_equal(peer_stats(p).time_wait, 0);
	assert_nothing_is_left(p);
}

static void the_peer_closes_first_and_nothing_lingers(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 2);
	assert_int_equal(peer_events(p), HF_EVENT_PEER_CLOSED | HF_EVENT_READABLE);
	peer_app_receive(p, c, 1, 0); /* HF_OK with nothing: the end */
	shut(p, c);
	assert_int_equal(peer_state(p, c), HF_LAST_ACK);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_ended(p, c, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	peer_collect(p);
	assert_int_equal(peer_stats(p).time_wait, 0);
	assert_nothing_is_left(p);
}

static void both_close_at_once(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	shut(p, c);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_CLOSING);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(peer_events(p) & HF_EVENT_CLOSED, 0);
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
	assert_ended(p, c, HF_WHY_CLOSED_BY_BOTH);
	peer_expect_nothing(p);
	hf_conn_close(p->stack, c);
	assert_nothing_is_left(p);
}

static void a_fin_that_acknowledges_ours_leads_straight_to_time_wait(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	shut(p, c);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	peer_free(p);
}

/* ---- By halves ---- */

static void after_the_host_has_closed_its_half_the_peer_may_go_on(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	size_t n;

	(void)state;
	shut(p, c);
	peer_expect(p, FIN | ACK);
	/* Before the FIN is acknowledged, and after. */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 101);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 2, .len = 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 201);
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
	peer_app_receive(p, c, 1, 200);
	assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &n), HF_ERR_CLOSING);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK); /* again: no second FIN */
	/* However long it takes. */
	peer_wait(p, HF_SEC(7200));
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 201, .ack = 2, .len = 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 212);
	assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
	peer_app_receive(p, c, 201, 10); /* still there */
	peer_app_receive(p, c, 211, 0);
	peer_free(p);
}

static void after_the_peer_has_closed_its_half_the_host_may_go_on(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	peer_expect(p, ACK);
	peer_wait(p, HF_SEC(3600));
	peer_app_send(p, c, 1, 500);
	peer_check_text(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 2, .len = 500));
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 501);
	peer_app_send(p, c, 501, 10);
	shut(p, c);
	/* The FIN rides on the last text. */
	peer_check_text(PEER_EXPECT(p, .flags = FIN | ACK, .seq = 501, .ack = 2, .len = 10));
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 511);
	assert_int_equal(peer_state(p, c), HF_LAST_ACK); /* the text alone is not the FIN */
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 512);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void a_close_waits_for_what_is_queued(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	p->window = 2000;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_app_send(p, c, 1, 3000);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1460);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1461);
	peer_wait(p, HF_SEC(1));
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2921);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 2921, .ack = 1, .len = 80);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 3002);
	PEER_EXPECT(p, .flags = ACK, .seq = 3002, .ack = 2);
	assert_nothing_is_left(p);
}

/* ---- FINs in disorder ---- */

static void a_fin_with_text_ends_the_stream_after_it(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 77);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 79);
	peer_app_receive(p, c, 1, 77);
	peer_app_receive(p, c, 78, 0);
	peer_free(p);
}

static void a_fin_ahead_of_its_text_waits_for_it(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 201, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100);
	assert_int_equal(peer_expect(p, ACK)->ack, 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(peer_events(p) & HF_EVENT_PEER_CLOSED, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 202);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_app_receive(p, c, 1, 200);
	peer_free(p);
}

static void a_fin_that_comes_again_is_acknowledged_again(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 12);
	for (int i = 0; i < 3; i++) {
		PEER_SAY(p, .flags = FIN | ACK, .seq = 11, .ack = 1);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 12);
	}
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_free(p);
}

static void a_lost_fin_goes_again_and_is_given_up_at_last(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.data_retries = 4;
	p = peer_new(&config);
	c = peer_handshake_passive(p);
	shut(p, c);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	for (int i = 0; i < 4; i++) {
		peer_wait_for_output(p, HF_SEC(60));
		PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	}
	peer_wait(p, HF_SEC(100));
	peer_expect_nothing(p);
	assert_ended(p, c, HF_WHY_DATA_TIMEOUT);
	hf_conn_close(p->stack, c);
	assert_nothing_is_left(p);
}

static void text_after_the_peers_own_fin_is_ignored(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	peer_expect(p, ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 1, .len = 50),
			 HF_WHY_DATA_AFTER_CLOSE);
	peer_app_receive(p, c, 1, 0);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_free(p);
}

/* ---- Losses of octets are said (SHLD-3, 3.6.1) ---- */

static void closing_with_unread_text_resets(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	peer_expect(p, ACK);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 1, .ack = 11);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ABORTED_UNREAD], 1);
	assert_nothing_is_left(p);
}

static void closing_after_all_was_read_does_not_reset(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 10);
	peer_expect(p, ACK);
	peer_app_receive(p, c, 1, 10);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 12);
	peer_free(p);
}

static void text_after_the_application_has_closed_resets(void **state)
{
	(void)state;
	for (uint32_t acked = 1; acked <= 2; acked++) { /* FIN-WAIT-1, FIN-WAIT-2 */
		peer *p = peer_new(NULL);
		hf_conn c = peer_handshake_passive(p);

		hf_conn_close(p->stack, c);
		peer_expect(p, FIN | ACK);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = acked, .len = 10),
				 HF_WHY_DATA_AFTER_CLOSE);
		PEER_EXPECT(p, .flags = RST | ACK, .seq = 2, .ack = 1);
		assert_nothing_is_left(p);
	}
}

/* Text is missing before it, but a FIN alone brings none. */
static void a_fin_ahead_of_a_gap_does_not_reset_what_was_closed(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	assert_int_equal(PEER_SAY(p, .flags = FIN | ACK, .seq = 11, .ack = 2), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2, .len = 10),
			 HF_WHY_DATA_AFTER_CLOSE);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 2, .ack = 1);
	assert_nothing_is_left(p);
}

/* 3.10.5: LAST-ACK has begun when the FIN was queued: text before it that is dropped is told. */
static void aborting_a_close_that_has_not_left_yet_resets(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	p->window = 0;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	peer_ignore(p);
	peer_app_send(p, c, 1, 100);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_LAST_ACK);
	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 1, .ack = 2);
	peer_free(p);
}

/* ---- Orphans ---- */

static void an_orphan_in_fin_wait_2_gives_up_after_its_time(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	peer_wait(p, HF_SEC(59));
	assert_int_equal(peer_stats(p).states[HF_FIN_WAIT_2], 1);
	peer_wait(p, HF_SEC(2));
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).states[HF_FIN_WAIT_2], 0);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ORPHAN_TIMEOUT], 1);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	peer_expect(p, RST);
	assert_nothing_is_left(p);
}

static void a_half_closed_connection_becomes_an_orphan_when_it_is_closed(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	shut(p, c);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	peer_wait(p, HF_SEC(1000));
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
	hf_conn_close(p->stack, c);
	peer_wait(p, HF_SEC(59));
	assert_int_equal(peer_stats(p).connections, 1);
	peer_wait(p, HF_SEC(2));
	assert_int_equal(peer_stats(p).ends[HF_WHY_ORPHAN_TIMEOUT], 1);
	assert_nothing_is_left(p);
}

static void keep_alive_does_not_keep_an_orphan(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(7200)), HF_OK);
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	peer_wait(p, HF_SEC(30));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	peer_wait(p, HF_SEC(61));
	assert_int_equal(peer_stats(p).connections, 0);
	assert_nothing_is_left(p);
}

/* ---- Before the handshake is done ---- */

static void closing_in_syn_sent_is_silent_and_final(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).ends[HF_WHY_CLOSED_UNOPENED], 1);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = RST, .seq = 1);
	assert_nothing_is_left(p);
}

static void shutting_down_before_the_handshake_sends_text_and_fin_after_it(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_app_send(p, c, 1, 20);
	shut(p, c);
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_1);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 20);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 22, .len = 5);
	assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
	peer_app_receive(p, c, 1, 5);
	peer_free(p);
}

/* 3.10.4: in SYN-RECEIVED the FIN is formed, or queued until ESTABLISHED. */
static void closing_in_syn_received_ends_in_an_orderly_way(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_nothing_is_left(p);
}

/* RFC 9293 3.10.7.4, step 8: a FIN counts where the stream has arrived at it. */
static void a_fin_that_text_goes_past_was_not_the_peers(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 101, .ack = 1, .len = 100);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 300);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 301, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_closes_first_and_waits_2_msl),
		cmocka_unit_test(the_peer_closes_first_and_nothing_lingers),
		cmocka_unit_test(both_close_at_once),
		cmocka_unit_test(a_fin_that_acknowledges_ours_leads_straight_to_time_wait),
		cmocka_unit_test(after_the_host_has_closed_its_half_the_peer_may_go_on),
		cmocka_unit_test(after_the_peer_has_closed_its_half_the_host_may_go_on),
		cmocka_unit_test(a_close_waits_for_what_is_queued),
		cmocka_unit_test(a_fin_with_text_ends_the_stream_after_it),
		cmocka_unit_test(a_fin_ahead_of_its_text_waits_for_it),
		cmocka_unit_test(a_fin_that_comes_again_is_acknowledged_again),
		cmocka_unit_test(a_lost_fin_goes_again_and_is_given_up_at_last),
		cmocka_unit_test(text_after_the_peers_own_fin_is_ignored),
		cmocka_unit_test(closing_with_unread_text_resets),
		cmocka_unit_test(closing_after_all_was_read_does_not_reset),
		cmocka_unit_test(text_after_the_application_has_closed_resets),
		cmocka_unit_test(a_fin_ahead_of_a_gap_does_not_reset_what_was_closed),
		cmocka_unit_test(aborting_a_close_that_has_not_left_yet_resets),
		cmocka_unit_test(an_orphan_in_fin_wait_2_gives_up_after_its_time),
		cmocka_unit_test(a_half_closed_connection_becomes_an_orphan_when_it_is_closed),
		cmocka_unit_test(keep_alive_does_not_keep_an_orphan),
		cmocka_unit_test(closing_in_syn_sent_is_silent_and_final),
		cmocka_unit_test(shutting_down_before_the_handshake_sends_text_and_fin_after_it),
		cmocka_unit_test(closing_in_syn_received_ends_in_an_orderly_way),
		cmocka_unit_test(a_fin_that_text_goes_past_was_not_the_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
