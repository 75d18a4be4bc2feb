/* SPDX-License-Identifier: BSD-2-Clause */
/* The congestion window: where it starts, how it grows, how it falls (RFC 5681, 6928, 3465). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

#define RTT HF_MS(100)

static uint32_t cwnd(const peer *p, hf_conn c)
{
	return peer_info(p, c).cwnd;
}

/* Sent so far, and acknowledged. */
typedef struct progress {
	uint32_t queued, sent, acked; /* numbers of the next octet */
} progress;

/* The application has as much to send as the buffer takes. */
static void queue_much(peer *p, hf_conn c, progress *at)
{
	static uint8_t text[1 << 20];
	size_t n = 0;

	peer_pattern(text, at->queued, sizeof(text));
	if (hf_conn_send(p->stack, c, text, sizeof(text), &n) == HF_OK)
		at->queued += (uint32_t)n;
}

/* One round trip: all is sent, and each `stretch` octets are acknowledged. Returns octets sent. */
static uint32_t round_trip(peer *p, hf_conn c, progress *at, uint32_t stretch)
{
	uint32_t before = at->sent;
	const peer_seen *s;

	queue_much(p, c, at);
	while ((s = peer_next(p)) != NULL)
		at->sent = s->seq + s->len;
	peer_wait(p, RTT);
	for (uint32_t end = at->sent; at->acked < end;) {
		at->acked = end - at->acked > stretch ? at->acked + stretch : end;
		acknowledge(p, at->acked);
		while ((s = peer_next(p)) != NULL)
			at->sent = s->seq + s->len;
	}
	return at->sent - before;
}

static peer *wide(hf_conn *c)
{
	return transfer_with(NULL, WITH_SCALE, RTT, c);
}

/* After one loss in a window of ten, ssthresh and cwnd are five segments. */
static peer *in_avoidance(hf_conn *c, progress *at)
{
	peer *p = wide(c);

	*at = (progress){ 1, 1, 1 };
	peer_app_send(p, *c, 1, 10 * MSS);
	peer_ignore(p);
	for (int i = 0; i < 3; i++)
		acknowledge(p, 1);
	peer_ignore(p);
	acknowledge(p, 1 + 10 * MSS);
	*at = (progress){ 1 + 10 * MSS, 1 + 10 * MSS, 1 + 10 * MSS };
	assert_int_equal(cwnd(p, *c), 5 * MSS);
	assert_int_equal(peer_info(p, *c).ssthresh, 5 * MSS);
	return p;
}

static void the_first_window_is_ten_segments_within_limits(void **state)
{
	static const struct {
		uint16_t mss;
		uint32_t octets;
	} rows[] = {
		{ 536, 5360 }, { 1000, 10000 }, { 1460, 14600 }, { 1500, 14600 }, { 8960, 17920 },
	};

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		hf_config config = peer_config(false);
		uint32_t sent = 0;
		hf_conn c;
		peer *p;

		config.mtu = 9000;
		p = peer_new(&config);
		p->offer.mss = rows[i].mss;
		c = peer_handshake_passive(p);
		peer_app_send(p, c, 1, 40000);
		for (const peer_seen *s; (s = peer_next(p)) != NULL;)
			sent += s->len;
		assert_int_equal(cwnd(p, c), rows[i].octets); /* RFC 6928 2 */
		assert_int_equal(sent, rows[i].octets - rows[i].octets % rows[i].mss);
		peer_free(p);
	}
}

/* RFC 6928 2: one SYN may be lost by chance; two are a sign. */
static void after_two_lost_syns_the_first_window_is_one_segment(void **state)
{
	(void)state;
	for (uint32_t lost = 1; lost <= 2; lost++) {
		peer *p = peer_new(NULL);
		hf_conn c;

		p->offer.mss = MSS;
		c = peer_open(p);
		for (uint32_t i = 0; i < lost; i++) {
			peer_expect(p, SYN);
			peer_wait_for_output(p, HF_SEC(10));
		}
		peer_expect(p, SYN);
		PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
		peer_ignore(p);
		peer_app_send(p, c, 1, 20 * MSS);
		EXPECT_SEGMENTS(p, 1, lost == 1 ? 10 : 1);
		peer_free(p);
	}
}

static void slow_start_grows_by_what_is_acknowledged(void **state)
{
	progress at = { 1, 1, 1 };
	hf_conn c;
	peer *p = wide(&c);

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t before = cwnd(p, c);

		round_trip(p, c, &at, MSS);
		assert_int_equal(cwnd(p, c), 2 * before);
	}
	/* An acknowledgement of two segments counts for two (RFC 3465). */
	round_trip(p, c, &at, 2 * MSS);
	assert_int_equal(cwnd(p, c), 16 * IW);
	peer_free(p);
}

static void dividing_acknowledgements_gains_nothing(void **state)
{
	progress at = { 1, 1, 1 };
	hf_conn c;
	peer *p = wide(&c);

	(void)state;
	round_trip(p, c, &at, MSS / 50);
	assert_int_equal(cwnd(p, c), 2 * IW);
	peer_free(p);

	p = in_avoidance(&c, &at);
	round_trip(p, c, &at, MSS / 50);
	assert_in_range(cwnd(p, c), 5 * MSS, 6 * MSS);
	peer_free(p);
}

static void avoidance_grows_by_one_segment_each_round_trip(void **state)
{
	progress at;
	hf_conn c;
	peer *p = in_avoidance(&c, &at);

	(void)state;
	for (uint32_t i = 1; i <= 10; i++) {
		round_trip(p, c, &at, MSS);
		assert_in_range(cwnd(p, c), (4 + i) * MSS, (6 + i) * MSS);
	}
	assert_in_range(cwnd(p, c), 13 * MSS, 16 * MSS);
	peer_free(p);
}

static void a_window_that_is_not_used_does_not_grow(void **state)
{
	uint32_t at = 1;
	hf_conn c;
	peer *p = wide(&c);

	(void)state;
	for (int i = 0; i < 50; i++, at += MSS) { /* one segment in flight of ten */
		peer_app_send(p, c, at, MSS);
		EXPECT_SEGMENTS(p, at, 1);
		acknowledge(p, at + MSS);
	}
	assert_int_equal(cwnd(p, c), IW);
	peer_free(p);
}

static void a_window_that_was_used_stops_growing_when_it_is_not(void **state)
{
	progress at = { 1, 1, 1 };
	hf_conn c;
	peer *p = wide(&c);
	uint32_t end, before;

	(void)state;
	queue_much(p, c, &at);
	for (const peer_seen *s; at.acked < at.queued; acknowledge(p, at.acked))
		while ((s = peer_next(p)) != NULL)
			at.acked = s->seq + s->len;
	end = at.queued;
	peer_app_send(p, c, end, MSS);
	EXPECT_SEGMENTS(p, end, 1);
	before = cwnd(p, c);
	for (int i = 0; i < 50; i++) {
		end += MSS;
		acknowledge(p, end);
		peer_app_send(p, c, end, MSS);
		EXPECT_SEGMENTS(p, end, 1);
	}
	assert_int_equal(cwnd(p, c), before);
	peer_free(p);
}

static void a_loss_halves_what_is_in_flight_but_not_below_two_segments(void **state)
{
	static const uint32_t flights[] = { 4, 5, 10 };
	static const uint32_t halves[] = { 2 * MSS, 5 * MSS / 2, 5 * MSS };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		hf_conn c;
		peer *p = wide(&c);

		peer_app_send(p, c, 1, flights[i] * MSS);
		peer_ignore(p);
		for (int k = 0; k < 3; k++)
			acknowledge(p, 1);
		assert_int_equal(peer_info(p, c).ssthresh, halves[i]); /* RFC 5681 (4) */
		peer_free(p);
	}
	for (unsigned i = 0; i < 3; i++) {
		hf_conn c;
		peer *p = wide(&c);

		peer_app_send(p, c, 1, flights[i] * MSS);
		peer_ignore(p);
		peer_wait_for_output(p, HF_SEC(1));
		assert_int_equal(peer_info(p, c).ssthresh, halves[i]);
		assert_int_equal(cwnd(p, c), MSS);
		/* Once for a series of time-outs (RFC 5681 3.1). */
		peer_wait(p, HF_SEC(20));
		assert_int_equal(peer_info(p, c).ssthresh, halves[i]);
		peer_free(p);
	}
}

static void after_a_timeout_slow_start_ends_at_ssthresh(void **state)
{
	hf_conn c;
	peer *p = wide(&c);

	(void)state;
	peer_app_send(p, c, 1, 10 * MSS); /* and nothing new that F-RTO could send */
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(1));
	peer_ignore(p);
	for (uint32_t i = 1; i <= 4; i++) { /* slow start: 2, 3, 4, 5 segments */
		acknowledge(p, 1 + i * MSS);
		assert_int_equal(cwnd(p, c), (1 + i) * MSS);
		peer_ignore(p);
	}
	for (uint32_t i = 5; i <= 9; i++) { /* avoidance: five more make a sixth */
		assert_int_equal(cwnd(p, c), 5 * MSS);
		acknowledge(p, 1 + i * MSS);
		peer_ignore(p);
	}
	assert_int_equal(cwnd(p, c), 6 * MSS);
	peer_free(p);
}

/* RFC 3465 2.3: it may cover what had arrived long before, and would let a burst out. */
static void after_a_timeout_one_acknowledgement_counts_for_one_segment(void **state)
{
	hf_conn c;
	peer *p = wide(&c);

	(void)state;
	peer_app_send(p, c, 1, 10 * MSS);
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(1));
	peer_ignore(p);
	acknowledge(p, 1 + MSS);
	assert_int_equal(cwnd(p, c), 2 * MSS);
	peer_ignore(p);
	acknowledge(p, 1 + 9 * MSS);
	assert_int_equal(cwnd(p, c), 3 * MSS);
	peer_free(p);
}

/* A window of more than 30 segments, all acknowledged; returns the number of the next octet. */
static uint32_t grow_and_finish(peer *p, hf_conn c)
{
	progress at = { 1, 1, 1 };

	round_trip(p, c, &at, MSS);
	round_trip(p, c, &at, MSS);
	while (at.acked < at.queued) { /* the rest, without more from the application */
		for (const peer_seen *s; (s = peer_next(p)) != NULL;)
			at.sent = s->seq + s->len;
		at.acked = at.sent;
		acknowledge(p, at.acked);
	}
	assert_true(cwnd(p, c) > 3 * IW);
	return at.queued;
}

static void after_a_long_silence_sending_starts_again_with_the_first_window(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	uint32_t end;
	peer *p;

	(void)state;
	config.profile = HF_PROFILE_RFC;
	p = transfer_with(&config, WITH_SCALE, RTT, &c);
	end = grow_and_finish(p, c);
	/* A short pause costs nothing. */
	peer_wait(p, peer_info(p, c).rto / 2);
	peer_app_send(p, c, end, 30 * MSS);
	EXPECT_SEGMENTS(p, end, 30);
	acknowledge(p, end + 30 * MSS);
	/* More than one RTO does (RFC 5681 4.1). */
	end += 30 * MSS;
	peer_wait(p, peer_info(p, c).rto + HF_MS(1));
	peer_app_send(p, c, end, 30 * MSS);
	EXPECT_SEGMENTS(p, end, 10);
	assert_int_equal(cwnd(p, c), IW);
	peer_free(p);
}

/* RFC 2861 3.1, as Linux has it. */
static void each_rto_of_silence_halves_the_window_down_to_the_first(void **state)
{
	hf_conn c;
	peer *p = wide(&c);
	uint32_t end = grow_and_finish(p, c), before = cwnd(p, c);

	(void)state;
	peer_wait(p, peer_info(p, c).rto * 3 / 2);
	peer_app_send(p, c, end, MSS);
	EXPECT_SEGMENTS(p, end, 1);
	assert_int_equal(cwnd(p, c), before / 2);
	acknowledge(p, end + MSS);
	end += MSS;
	peer_wait(p, peer_info(p, c).rto * 50);
	peer_app_send(p, c, end, MSS);
	EXPECT_SEGMENTS(p, end, 1);
	assert_int_equal(cwnd(p, c), IW);
	peer_free(p);
}

static void a_small_window_is_not_raised_by_silence(void **state)
{
	progress at;
	hf_conn c;
	peer *p = in_avoidance(&c, &at);

	(void)state;
	peer_wait(p, HF_SEC(60));
	peer_app_send(p, c, at.queued, 20 * MSS);
	EXPECT_SEGMENTS(p, at.queued, 5);
	peer_free(p);
}

/* RFC 6937 3: with little left in flight as much leaves as arrives, whatever waits to be sent. */
static void in_a_recovery_no_more_leaves_than_has_arrived(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SACK, RTT, &c);

	(void)state;
	peer_app_send(p, c, 1, 20 * MSS);
	EXPECT_SEGMENTS(p, 1, 10);
	peer_wait(p, RTT);
	/* Of ten three have arrived, and the six before them have not: one is in flight. */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + 6 * MSS, 1 + 9 * MSS } });
	EXPECT_SEGMENTS(p, 1, 3);
	peer_free(p);
}

/* RFC 7661 in Linux's form: what counts is the most that was in flight in a round, not the last. */
static void the_most_in_flight_of_a_round_says_what_was_used(void **state)
{
	hf_conn c;
	peer *p = wide(&c);

	(void)state;
	peer_app_send(p, c, 1, 9 * MSS);
	EXPECT_SEGMENTS(p, 1, 9);
	for (uint32_t i = 1; i <= 5; i++)
		acknowledge(p, 1 + i * MSS);
	assert_int_equal(cwnd(p, c), 15 * MSS);
	peer_app_send(p, c, 1 + 9 * MSS, MSS); /* five are in flight now */
	EXPECT_SEGMENTS(p, 1 + 9 * MSS, 1);
	for (uint32_t i = 6; i <= 8; i++)
		acknowledge(p, 1 + i * MSS);
	assert_int_equal(cwnd(p, c), 18 * MSS); /* twice nine */
	peer_free(p);
}

/* MUST-60: it left by the timer, for nothing filled the window any more. */
static void a_little_that_the_timer_lets_out_does_not_let_the_window_grow(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.no_idle_restart = true;
	p = transfer_with(&config, WITH_SCALE, RTT, &c);
	peer_app_send(p, c, 1, 10 * MSS);
	EXPECT_SEGMENTS(p, 1, 10);
	acknowledge(p, 1 + 10 * MSS);
	assert_int_equal(cwnd(p, c), 20 * MSS);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, 1), HF_OK);
	peer_app_send(p, c, 1 + 10 * MSS, 100);
	peer_expect_nothing(p);
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 1 + 10 * MSS, 100);
	acknowledge(p, 101 + 10 * MSS);
	assert_int_equal(cwnd(p, c), 20 * MSS);
	peer_free(p);
}

/* RFC 2861 3.2: what was in flight while cwnd was full is no use of the time since. */
static void a_window_that_is_hardly_used_for_an_rto_is_given_up_by_half(void **state)
{
	progress at = { 1, 1, 1 };
	hf_conn c;
	peer *p = wide(&c);
	uint32_t end, before;
	hf_ns rto;

	(void)state;
	for (int i = 0; i < 3; i++)
		round_trip(p, c, &at, MSS);
	while (at.acked < at.queued) {
		for (const peer_seen *s; (s = peer_next(p)) != NULL;)
			at.sent = s->seq + s->len;
		at.acked = at.sent;
		acknowledge(p, at.acked);
	}
	end = at.queued;
	before = cwnd(p, c);
	rto = peer_info(p, c).rto;
	for (int i = 0; i < 5; i++, end += MSS) {
		peer_wait(p, rto / 4);
		peer_app_send(p, c, end, MSS);
		EXPECT_SEGMENTS(p, end, 1);
		acknowledge(p, end + MSS);
	}
	assert_in_range(cwnd(p, c), before / 2 + IW / 2 - MSS, before / 2 + IW / 2 + MSS);
	peer_free(p);
}

/* draft-ietf-ccwg-bbr-05 5.6.4.4: the window from before comes back when all is repaired. */
static void after_a_time_out_bbrs_window_stays_small_until_that_is_repaired(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.congestion = HF_CONGESTION_BBR;
	p = transfer_with(&config, WITH_SCALE, RTT, &c);
	peer_app_send(p, c, 1, 10 * MSS);
	peer_wait(p, HF_MS(200));
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(1));
	peer_ignore(p);
	assert_int_equal(cwnd(p, c), MSS);
	acknowledge(p, 1 + MSS);
	assert_int_equal(cwnd(p, c), 4 * MSS);
	acknowledge(p, 1 + 10 * MSS);
	assert_true(cwnd(p, c) >= 10 * MSS);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_window_is_ten_segments_within_limits),
		cmocka_unit_test(after_two_lost_syns_the_first_window_is_one_segment),
		cmocka_unit_test(slow_start_grows_by_what_is_acknowledged),
		cmocka_unit_test(dividing_acknowledgements_gains_nothing),
		cmocka_unit_test(avoidance_grows_by_one_segment_each_round_trip),
		cmocka_unit_test(a_window_that_is_not_used_does_not_grow),
		cmocka_unit_test(a_window_that_was_used_stops_growing_when_it_is_not),
		cmocka_unit_test(a_loss_halves_what_is_in_flight_but_not_below_two_segments),
		cmocka_unit_test(after_a_timeout_slow_start_ends_at_ssthresh),
		cmocka_unit_test(after_a_timeout_one_acknowledgement_counts_for_one_segment),
		cmocka_unit_test(after_a_long_silence_sending_starts_again_with_the_first_window),
		cmocka_unit_test(each_rto_of_silence_halves_the_window_down_to_the_first),
		cmocka_unit_test(a_small_window_is_not_raised_by_silence),
		cmocka_unit_test(in_a_recovery_no_more_leaves_than_has_arrived),
		cmocka_unit_test(the_most_in_flight_of_a_round_says_what_was_used),
		cmocka_unit_test(a_little_that_the_timer_lets_out_does_not_let_the_window_grow),
		cmocka_unit_test(a_window_that_is_hardly_used_for_an_rto_is_given_up_by_half),
		cmocka_unit_test(after_a_time_out_bbrs_window_stays_small_until_that_is_repaired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
