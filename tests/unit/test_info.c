/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a connection: figures that follow from what both ends have said (RFC 4898). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

/* ---- The opening ---- */

static peer *opened_with_all(hf_conn *c)
{
	peer *p = peer_new(NULL);

	peer_offer_all(p);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	peer_wait(p, HF_MS(100));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	*c = peer_accept(p);
	return p;
}

static void the_ends_and_what_they_agreed_on(void **state)
{
	hf_conn c;
	peer *p = opened_with_all(&c);
	hf_conn_info i = peer_info(p, c);

	(void)state;
	assert_int_equal(i.state, HF_ESTABLISHED);
	assert_memory_equal(&i.local, &p->host, sizeof(p->host));
	assert_memory_equal(&i.remote, &p->self, sizeof(p->self));
	assert_true(i.sack && i.timestamps && i.window_scaling);
	assert_int_equal(i.snd_wscale, 7);
	assert_int_equal(i.rcv_wscale, 7); /* 6 MiB in units of 128 octets fit into 16 bits */
	assert_false(i.peer_closed || i.sending_closed);
	peer_free(p);
}

static void segment_sizes_leave_room_for_the_time_stamps(void **state)
{
	hf_conn c;
	peer *p = opened_with_all(&c);
	hf_conn_info i = peer_info(p, c);

	(void)state;
	assert_int_equal(i.pmtu, 1500);
	assert_int_equal(i.peer_mss, 1460);
	assert_int_equal(i.snd_mss, 1460 - 12);
	assert_int_equal(i.announced_mss, 1460 - 12);
	assert_int_equal(i.rcv_mss, 536); /* nothing has come: RFC 9293 MUST-15's default */
	assert_int_equal(i.rcv_space, 10 * (1460 - 12));
	peer_free(p);
}

static void sequence_numbers_are_the_ends(void **state)
{
	hf_conn c;
	peer *p = opened_with_all(&c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 51, .len = 30);
	i = peer_info(p, c);
	assert_int_equal(i.iss, p->host_isn.v);
	assert_int_equal(i.irs, p->isn.v);
	assert_int_equal(i.snd_una, p->host_isn.v + 51);
	assert_int_equal(i.snd_nxt, p->host_isn.v + 101);
	assert_int_equal(i.rcv_nxt, p->isn.v + 31);
	assert_int_equal(i.in_flight, 50);
	assert_int_equal(i.unread, 30);
	peer_free(p);
}

/* RFC 6298 2.2: SRTT = R, RTTVAR = R / 2, RTO = SRTT + 4 RTTVAR; as no margin is below 200 ms. */
static void the_handshakes_round_trip_is_the_first_sample(void **state)
{
	hf_conn c;
	peer *p = opened_with_all(&c);
	hf_conn_info i = peer_info(p, c);

	(void)state;
	assert_int_equal(i.srtt, HF_MS(100));
	assert_int_equal(i.rttvar, HF_MS(50));
	assert_int_equal(i.min_rtt, HF_MS(100));
	assert_int_equal(i.rto, HF_MS(300));
	assert_int_equal(i.backoff, 0);
	peer_free(p);
}

/* RFC 6928: ten segments; RFC 5681 3.1: ssthresh arbitrarily high. */
static void the_window_begins_with_ten_segments(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i = peer_info(p, c);

	(void)state;
	assert_int_equal(i.cwnd, IW);
	assert_true(i.ssthresh >= UINT32_C(1) << 30);
	assert_int_equal(i.phase, HF_PHASE_OPEN);
	assert_int_equal(i.snd_wnd, 65535);
	assert_int_equal(i.pacing_rate, 0);
	assert_int_equal(i.max_pacing_rate, 0);
	peer_free(p);
}

static void what_has_never_been_is_told_so(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i = peer_info(p, c);

	(void)state;
	assert_int_equal(i.since_received, HF_NEVER.ns);
	assert_int_equal(i.since_refused, HF_NEVER.ns);
	assert_int_equal(i.ack_delay, 0);
	assert_int_equal(i.rcv_rtt, 0);
	assert_int_equal(i.delivery_rate, 0);
	assert_int_equal(i.busy, 0);
	assert_int_equal(i.ecn_option_seen, HF_ECN_OPTION_UNSEEN);
	assert_int_equal(i.ecn_failures, 0);
	peer_free(p);
}

/* ---- Sending ---- */

static void octets_and_segments_that_leave_are_counted(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, 2500);
	peer_ignore(p);
	acknowledge(p, 2001);
	i = peer_info(p, c);
	assert_int_equal(i.octets_sent, 2500);
	assert_int_equal(i.octets_acked, 2000);
	assert_int_equal(i.octets_retransmitted, 0);
	assert_int_equal(i.segments_sent, 3);
	assert_int_equal(i.text_segments_sent, 3);
	assert_int_equal(i.unacked_segments, 1);
	assert_int_equal(i.delivered, 2000);
	assert_int_equal(i.delivered_segments, 1 + 2); /* the SYN */
	peer_free(p);
}

/* Of 15 segments ten are in flight; the 5 behind are unsent. cwnd is what holds them back. */
static void what_waits_is_unsent(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, 15 * MSS);
	peer_ignore(p);
	i = peer_info(p, c);
	assert_int_equal(i.in_flight, IW);
	assert_int_equal(i.pipe, IW);
	assert_int_equal(i.unsent, 5 * MSS);
	assert_int_equal(i.unacked_segments, 10);
	peer_free(p);
}

static void times_since_run_from_the_last(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_collect(p);
	peer_wait(p, HF_MS(30));
	acknowledge(p, 101);
	peer_wait(p, HF_MS(40));
	PEER_SAY(p, .flags = ACK | PSH, .seq = 1, .ack = 101, .len = 10);
	peer_wait(p, HF_MS(50));
	i = peer_info(p, c);
	assert_int_equal(i.since_sent, HF_MS(120));
	assert_int_equal(i.since_received, HF_MS(50));
	assert_int_equal(i.since_ack, HF_MS(50)); /* text carries an ACK too */
	peer_collect(p);
	PEER_SAY(p, .flags = RST, .seq = 500); /* is none; and it is no more than challenged */
	i = peer_info(p, c);
	assert_int_equal(i.since_ack, HF_MS(50));
	peer_free(p);
}

/* 1000 octets wait 30 ms for their answer: so long the connection was busy, and by nothing else. */
static void time_in_which_something_was_under_way_is_busy(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, MSS);
	peer_collect(p);
	peer_wait(p, HF_MS(30));
	acknowledge(p, 1 + MSS);
	peer_wait(p, HF_SEC(1));
	i = peer_info(p, c);
	assert_int_equal(i.busy, HF_MS(30));
	assert_int_equal(i.window_limited, 0);
	assert_int_equal(i.buffer_limited, 0);
	peer_free(p);
}

/* The peer has room for two segments; the third waits 40 ms for it. */
static void time_that_the_peers_window_takes_is_told_apart(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);
	hf_conn_info i;

	(void)state;
	p->offer.mss = MSS;
	p->window = 2 * MSS;
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 3 * MSS);
	peer_collect(p);
	peer_wait(p, HF_MS(40));
	p->window = 9 * MSS;
	acknowledge(p, 1 + 2 * MSS);
	peer_collect(p);
	peer_wait(p, HF_MS(20));
	acknowledge(p, 1 + 3 * MSS);
	i = peer_info(p, c);
	assert_int_equal(i.window_limited, HF_MS(40));
	assert_int_equal(i.busy, HF_MS(60));
	assert_int_equal(i.snd_wnd, 9 * MSS);
	peer_free(p);
}

/*
 * Ten segments arrive in the 100 ms that their answer takes: 100,000 octets a second, at which the
 * application was the limit, for it had been idle. After them twenty, and at those it was not.
 */
static void the_delivery_rate_is_what_arrives_in_a_round_trip(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_STAMPS, HF_MS(100), &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, 60 * MSS);
	peer_collect(p);
	peer_wait(p, HF_MS(100));
	acknowledge(p, 1 + IW);
	i = peer_info(p, c);
	assert_int_equal(i.delivery_rate, 100000);
	assert_true(i.delivery_app_limited);
	peer_collect(p);
	peer_wait(p, HF_MS(100));
	acknowledge(p, 1 + 3 * IW);
	i = peer_info(p, c);
	assert_int_equal(i.delivery_rate, 200000);
	assert_false(i.delivery_app_limited);
	peer_free(p);
}

static void a_limit_of_the_rate_is_told(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MAX_PACING_RATE, 250000), HF_OK);
	assert_int_equal(peer_info(p, c).max_pacing_rate, 250000);
	assert_int_equal(peer_info(p, c).pacing_rate, 250000);
	peer_free(p);
}

/* ---- Receiving ---- */

static void octets_and_segments_that_come_are_counted(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 700);
	PEER_SAY(p, .flags = ACK, .seq = 1401, .ack = 1, .len = 700);
	PEER_SAY(p, .flags = ACK, .seq = 701, .ack = 1, .len = 700);
	i = peer_info(p, c);
	assert_int_equal(i.octets_received, 2100);
	assert_int_equal(i.segments_received, 2 + 3); /* SYN and ACK before */
	assert_int_equal(i.text_segments_received, 3);
	assert_int_equal(i.early_segments, 1);
	assert_int_equal(i.rcv_mss, 700);
	assert_int_equal(i.ack_delay, HF_MS(40)); /* its least */
	assert_int_equal(i.unread, 2100);
	peer_free(p);
}

static void the_receiver_measures_by_the_stamp_that_comes_back(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_STAMPS, HF_MS(80), &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1000);
	assert_int_equal(peer_info(p, c).rcv_rtt, HF_MS(80));
	peer_free(p);
}

static void who_closes_first_is_told(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	assert_true(peer_info(p, c).peer_closed);
	assert_false(peer_info(p, c).sending_closed);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	assert_true(peer_info(p, c).sending_closed);
	peer_free(p);
}

/* ---- The last reasons ---- */

static void why_the_last_segment_was_refused_is_kept(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_conn_info i;

	(void)state;
	assert_int_equal(peer_info(p, c).refusals, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10),
			 HF_WHY_SEQ_DUPLICATE);
	peer_wait(p, HF_MS(70));
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 11), HF_WHY_ACK_UNSENT);
	peer_wait(p, HF_MS(5));
	PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1); /* taken: it changes nothing */
	i = peer_info(p, c);
	assert_int_equal(i.refused, HF_WHY_ACK_UNSENT);
	assert_int_equal(i.since_refused, HF_MS(5));
	assert_int_equal(i.refusals, 2);
	assert_int_equal(i.reason, HF_WHY_NONE);
	peer_free(p);
}

static void why_the_last_packet_left_is_kept(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(peer_info(p, c).cause, HF_SENT_NONE);
	peer_app_send(p, c, 1, 100);
	peer_collect(p);
	assert_int_equal(peer_info(p, c).cause, HF_SENT_DATA);
	peer_wait(p, HF_MS(210));
	assert_int_equal(peer_info(p, c).cause, HF_SENT_TIMEOUT_RETRANSMIT);
	peer_free(p);
}

static void how_it_ended_is_kept_while_it_is_held(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_info(p, c).state, HF_CLOSED);
	assert_int_equal(peer_info(p, c).reason, HF_WHY_RESET_BY_PEER);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ends_and_what_they_agreed_on),
		cmocka_unit_test(segment_sizes_leave_room_for_the_time_stamps),
		cmocka_unit_test(sequence_numbers_are_the_ends),
		cmocka_unit_test(the_handshakes_round_trip_is_the_first_sample),
		cmocka_unit_test(the_window_begins_with_ten_segments),
		cmocka_unit_test(what_has_never_been_is_told_so),
		cmocka_unit_test(octets_and_segments_that_leave_are_counted),
		cmocka_unit_test(what_waits_is_unsent),
		cmocka_unit_test(times_since_run_from_the_last),
		cmocka_unit_test(time_in_which_something_was_under_way_is_busy),
		cmocka_unit_test(time_that_the_peers_window_takes_is_told_apart),
		cmocka_unit_test(the_delivery_rate_is_what_arrives_in_a_round_trip),
		cmocka_unit_test(a_limit_of_the_rate_is_told),
		cmocka_unit_test(octets_and_segments_that_come_are_counted),
		cmocka_unit_test(the_receiver_measures_by_the_stamp_that_comes_back),
		cmocka_unit_test(who_closes_first_is_told),
		cmocka_unit_test(why_the_last_segment_was_refused_is_kept),
		cmocka_unit_test(why_the_last_packet_left_is_kept),
		cmocka_unit_test(how_it_ended_is_kept_while_it_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
