/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening: the handshake from either side and from both at once, with losses (RFC 9293 3.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

static void both_handshakes_work_over_ipv4_and_ipv6(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		hf_config config = peer_config(i & 1);
		peer *p = peer_new(&config);
		hf_conn c = i & 2 ? peer_handshake_active(p) : peer_handshake_passive(p);

		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
		peer_app_receive(p, c, 1, 100);
		peer_app_send(p, c, 1, 50);
		peer_check_text(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101, .len = 50));
		peer_free(p);
	}
}

static void a_passive_open_tells_acceptable_then_connected(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	peer_listen(p);
	assert_int_equal(hf_listener_accept(p->stack, p->listener, &c), HF_ERR_AGAIN);
	PEER_SAY(p, .flags = SYN);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(hf_listener_accept(p->stack, p->listener, &c), HF_ERR_AGAIN);
	assert_int_equal(peer_stats(p).half_open, 1);
	assert_int_equal(peer_stats(p).connections, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_stats(p).half_open, 0);
	assert_int_equal(peer_stats(p).connections, 1);
	assert_int_equal(peer_events(p), HF_EVENT_ACCEPTABLE);
	c = peer_accept(p);
	assert_int_equal(peer_events(p), HF_EVENT_CONNECTED);
	assert_true(hf_conn_equal(p->event.conn, c));
	peer_expect_nothing(p);
	peer_free(p);
}

static void an_active_open_sends_a_syn_and_tells_connected(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);
	const peer_seen *s = peer_expect(p, SYN);

	(void)state;
	assert_int_equal(s->tcp.ack.v, 0);
	assert_int_equal(s->len, 0);
	assert_int_equal(s->cause, HF_SENT_SYN);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	assert_int_equal(peer_events(p), 0);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(peer_events(p), HF_EVENT_CONNECTED);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	peer_free(p);
}

static void what_is_sent_before_the_handshake_waits_and_leaves_after_it(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_app_send(p, c, 1, 300);
	peer_expect(p, SYN);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	peer_check_text(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 300));
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- Losses ---- */

/* Never early, and late by no more than the timer's grain. */
static void assert_about(hf_ns is, hf_ns should_be)
{
	assert_true(is >= should_be && is < should_be + HF_MS(1));
}

static void a_lost_syn_goes_again_after_1_3_7_15_31_63_and_127_seconds(void **state)
{
	static const int at[] = { 1, 3, 7, 15, 31, 63, 127 };
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);
	hf_time began = p->now;
	const peer_seen *s;

	(void)state;
	peer_expect(p, SYN);
	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint32_t iss = p->host_isn.v;

		peer_wait_for_output(p, HF_SEC(200));
		s = peer_expect(p, SYN);
		assert_about(hf_time_diff(s->at, began), HF_SEC(at[i]));
		assert_int_equal(s->tcp.seq.v,
				 iss); /* the same number, or it were another opening */
		assert_int_equal(s->cause, HF_SENT_SYN_AGAIN);
	}
	/* MUST-23: no giving up within three minutes. */
	peer_wait_until(p, hf_time_add(began, HF_SEC(180)));
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	peer_events(p);
	peer_wait_until(p, hf_time_add(began, HF_SEC(256)));
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_SYN_TIMEOUT);
	assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &(size_t){ 0 }), HF_ERR_TIMED_OUT);
	peer_free(p);
}

static void trouble_is_told_once_when_three_syns_went_unanswered(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	peer_open(p);
	peer_wait(p, HF_SEC(6));
	assert_int_equal(peer_events(p), 0);
	peer_wait(p, HF_SEC(2));
	assert_int_equal(peer_events(p), HF_EVENT_TROUBLE); /* R1 of 3, SHLD-10 */
	peer_wait(p, HF_SEC(100));
	assert_int_equal(peer_events(p), 0);
	peer_free(p);
}

/* The answer to the SYN ended that trouble: what comes later is news. */
static void trouble_of_the_syn_does_not_hide_that_of_the_first_text(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_wait(p, HF_SEC(8));
	assert_int_equal(peer_events(p), HF_EVENT_TROUBLE);
	peer_ignore(p);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_events(p), HF_EVENT_CONNECTED);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_app_send(p, c, 1, 100);
	peer_wait(p, HF_SEC(100));
	assert_int_equal(peer_events(p), HF_EVENT_TROUBLE);
	peer_free(p);
}

static void a_lost_syn_ack_goes_again_and_at_last_the_record_expires(void **state)
{
	static const int at[] = { 1, 3, 7, 15, 31 };
	peer *p = peer_new(NULL);
	hf_time began = p->now;
	const peer_seen *s;
	uint32_t iss;

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN, .len = 100); /* pays for them all */
	iss = peer_expect(p, SYN | ACK)->tcp.seq.v;
	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		peer_wait_for_output(p, HF_SEC(100));
		s = PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
		assert_about(hf_time_diff(s->at, began), HF_SEC(at[i]));
		assert_int_equal(s->tcp.seq.v, iss);
		assert_int_equal(s->cause, HF_SENT_SYN_ACK_AGAIN);
	}
	peer_wait_until(p, hf_time_add(began, HF_SEC(63)));
	assert_int_equal(peer_stats(p).half_open, 1);
	peer_wait(p, HF_SEC(1));
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	assert_int_equal(peer_stats(p).ends[HF_WHY_HALF_OPEN_EXPIRED], 1);
	/* The late ACK finds nobody. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_LISTEN_ACK);
	PEER_EXPECT(p, .flags = RST, .seq = 1);
	peer_free(p);
}

static void a_repeated_syn_gets_the_same_syn_ack_and_one_connection(void **state)
{
	peer *p = peer_new(NULL);
	uint32_t iss;

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	iss = peer_expect(p, SYN | ACK)->tcp.seq.v;
	peer_wait(p, HF_MS(500));
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_DUPLICATE);
	assert_int_equal(PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1)->tcp.seq.v, iss);
	assert_int_equal(peer_stats(p).half_open, 1);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_accept(p);
	assert_int_equal(peer_stats(p).connections, 1);
	peer_free(p);
}

static void a_lost_last_ack_is_made_good_by_the_first_text(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 20), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 21);
	peer_app_receive(p, peer_accept(p), 1, 20);
	peer_free(p);
}

static void a_repeated_syn_ack_is_acknowledged_again(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_active(p);

	(void)state;
	peer_wait(p, HF_SEC(1));
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), HF_WHY_SYN_DUPLICATE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

/* ---- Text that comes with the handshake ---- */

static void text_on_the_last_ack_and_a_fin_with_it_are_taken(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = ACK | FIN, .seq = 1, .ack = 1, .len = 40);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 42);
	c = peer_accept(p);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_app_receive(p, c, 1, 40);
	peer_app_receive(p, c, 41, 0);
	peer_free(p);
}

/* Either the text is acknowledged and right, or it is not, and comes again (3.10.7.3). */
static void text_on_the_syn_ack_reaches_the_application_unharmed(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);
	const peer_seen *s;

	(void)state;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .len = 30);
	s = peer_expect(p, ACK);
	assert_true(s->ack == 1 || s->ack == 31);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 60);
	peer_ignore(p);
	peer_app_receive(p, c, 1, 60);
	peer_free(p);
}

static void a_fin_on_the_syn_ack_ends_the_stream_after_its_text(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK | FIN, .ack = 1, .len = 30);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 32);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_app_receive(p, c, 1, 30);
	peer_app_receive(p, c, 31, 0);
	peer_free(p);
}

static void text_on_a_syn_is_taken_once_though_it_comes_twice(void **state)
{
	peer *p = peer_new(NULL);
	uint32_t acked;

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN, .len = 25);
	acked = peer_expect(p, SYN | ACK)->ack;
	assert_true(acked == 1 || acked == 26);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 25);
	peer_app_receive(p, peer_accept(p), 1, 25);
	peer_free(p);
}

/* ---- Both open at once (3.5, figure 8; MUST-10) ---- */

static hf_conn cross_syns(peer *p)
{
	hf_conn c = peer_open(p);

	peer_expect(p, SYN);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	assert_int_equal(peer_state(p, c), HF_SYN_RECEIVED);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	return c;
}

static void both_may_open_at_once(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	assert_int_equal(peer_events(p), 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_true(peer_events(p) & HF_EVENT_CONNECTED);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 11);
	peer_app_receive(p, c, 1, 10);
	peer_free(p);
}

static void a_crossing_syn_ack_completes_a_simultaneous_open(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	/* RFC 9293 3.5, Figure 7, line 6: no further ACK is needed. */
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), HF_WHY_NONE);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_true(peer_events(p) & HF_EVENT_CONNECTED);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	/* Once more, for our ACK was lost: it is answered, and the two do not go on for ever. */
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_wait(p, HF_SEC(60));
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_crossing_syn_ack_brings_its_window_unscaled_and_its_text(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	p->offer.present |= HF_HAS(WSCALE);
	p->offer.wscale = 7;
	c = cross_syns(p);
	p->window = 3000;
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .len = 10);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(peer_info(p, c).snd_wnd, 3000); /* RFC 7323 2.2 */
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 11);
	peer_app_receive(p, c, 1, 10);
	peer_free(p);
}

static void a_crossing_syn_ack_with_a_wrong_number_completes_nothing(void **state)
{
	static const uint32_t wrong[] = { 0, 2, 0x80000001 };
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		PEER_SAY(p, .flags = SYN | ACK, .ack = wrong[i]);
		peer_ignore(p);
		assert_int_equal(peer_state(p, c), HF_SYN_RECEIVED);
	}
	PEER_SAY(p, .flags = SYN | ACK, .seq = 1, .ack = 1); /* a SYN, but not the peer's */
	assert_int_equal(peer_state(p, c), HF_SYN_RECEIVED);
	peer_free(p);
}

static void a_lost_syn_ack_of_a_simultaneous_open_goes_again(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);
	uint32_t iss = p->host_isn.v;

	(void)state;
	/* The peer asks again, for it still is in SYN-SENT. */
	PEER_SAY(p, .flags = SYN);
	assert_int_equal(PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1)->tcp.seq.v, iss);
	/* Nobody asks: the timer. */
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_equal(PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1)->tcp.seq.v, iss);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_wait(p, HF_SEC(60));
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_simultaneous_open_that_stays_unanswered_times_out(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	peer_wait(p, HF_SEC(179));
	assert_int_equal(peer_state(p, c), HF_SYN_RECEIVED);
	peer_wait(p, HF_SEC(80));
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_events(p);
	assert_int_equal(p->event.reason, HF_WHY_SYN_TIMEOUT);
	peer_free(p);
}

/* However often the peer asks: who never acknowledges is given up in time. */
static void a_peer_who_only_repeats_its_syn_holds_nothing(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	for (unsigned i = 0; i < 2 * 260; i++) {
		peer_wait(p, HF_MS(500));
		PEER_SAY(p, .flags = SYN);
		peer_ignore(p);
	}
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_events(p);
	assert_int_equal(p->event.reason, HF_WHY_SYN_TIMEOUT);
	peer_free(p);
}

static void a_simultaneous_open_agrees_on_options_and_window(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn_info info;
	const peer_seen *s;
	hf_conn c;

	(void)state;
	peer_offer_all(p);
	c = peer_open(p);
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN);
	s = peer_expect(p, SYN | ACK);
	assert_int_equal(s->tcp.options.tsecr, p->tsval);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 1000);
	info = peer_info(p, c);
	assert_true(info.sack && info.timestamps && info.window_scaling);
	assert_int_equal(info.snd_wscale, 7);
	assert_int_equal(info.snd_wnd, 1000 << 7);
	peer_free(p);
}

static void a_refusal_of_a_simultaneous_open_is_told_as_such(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	PEER_SAY(p, .flags = RST | ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_REFUSED_BY_PEER);
	peer_free(p);
}

static void a_wrong_ack_in_a_simultaneous_open_is_reset_and_changes_nothing(void **state)
{
	static const uint32_t wrong[] = { 0, 2, 100, 0x80000001 };
	peer *p = peer_new(NULL);
	hf_conn c = cross_syns(p);

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = wrong[i]),
				 HF_WHY_ACK_UNACCEPTABLE);
		PEER_EXPECT(p, .flags = RST, .seq = wrong[i]);
		assert_int_equal(peer_state(p, c), HF_SYN_RECEIVED);
	}
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_handshakes_work_over_ipv4_and_ipv6),
		cmocka_unit_test(a_passive_open_tells_acceptable_then_connected),
		cmocka_unit_test(an_active_open_sends_a_syn_and_tells_connected),
		cmocka_unit_test(what_is_sent_before_the_handshake_waits_and_leaves_after_it),
		cmocka_unit_test(a_lost_syn_goes_again_after_1_3_7_15_31_63_and_127_seconds),
		cmocka_unit_test(trouble_is_told_once_when_three_syns_went_unanswered),
		cmocka_unit_test(trouble_of_the_syn_does_not_hide_that_of_the_first_text),
		cmocka_unit_test(a_lost_syn_ack_goes_again_and_at_last_the_record_expires),
		cmocka_unit_test(a_repeated_syn_gets_the_same_syn_ack_and_one_connection),
		cmocka_unit_test(a_lost_last_ack_is_made_good_by_the_first_text),
		cmocka_unit_test(a_repeated_syn_ack_is_acknowledged_again),
		cmocka_unit_test(text_on_the_last_ack_and_a_fin_with_it_are_taken),
		cmocka_unit_test(text_on_the_syn_ack_reaches_the_application_unharmed),
		cmocka_unit_test(a_fin_on_the_syn_ack_ends_the_stream_after_its_text),
		cmocka_unit_test(text_on_a_syn_is_taken_once_though_it_comes_twice),
		cmocka_unit_test(both_may_open_at_once),
		cmocka_unit_test(a_crossing_syn_ack_completes_a_simultaneous_open),
		cmocka_unit_test(a_crossing_syn_ack_brings_its_window_unscaled_and_its_text),
		cmocka_unit_test(a_crossing_syn_ack_with_a_wrong_number_completes_nothing),
		cmocka_unit_test(a_lost_syn_ack_of_a_simultaneous_open_goes_again),
		cmocka_unit_test(a_simultaneous_open_that_stays_unanswered_times_out),
		cmocka_unit_test(a_peer_who_only_repeats_its_syn_holds_nothing),
		cmocka_unit_test(a_simultaneous_open_agrees_on_options_and_window),
		cmocka_unit_test(a_refusal_of_a_simultaneous_open_is_told_as_such),
		cmocka_unit_test(a_wrong_ack_in_a_simultaneous_open_is_reset_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
