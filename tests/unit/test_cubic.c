/* SPDX-License-Identifier: BSD-2-Clause */
/* CUBIC beside the equations of RFC 9438. */
#include "tests/unit/window.h"

/* A loss at this window; the epoch that follows has begun. */
static void begin_with(hf_congestion *g, uint32_t cwnd, uint16_t mss)
{
	hf_congestion_set_mss(g, mss);
	g->cubic.w_max = 0;
	g->cwnd = cwnd;
	hf_congestion_lost(g, cwnd);
	ack(g, 1, (hf_time){ HF_SEC(5) }, 1);
}

/* RFC 9438 (1) and (2), in floating point, beside the integers of the code. */
static void cubic_follows_its_curve(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };
	double w_max = 2000, k = root3(w_max * 0.3 / 0.4);

	(void)state;
	g.cwnd = 2000 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	for (int i = 0; i < 300; i++) {
		double t = (double)(now.ns - HF_SEC(5)) / 1e9;
		double curve = 0.4 * (t - k) * (t - k) * (t - k) + w_max;
		double cwnd = (double)g.cwnd / MSS;

		assert_true(cwnd > curve * 0.97 && cwnd < curve * 1.03 + 2);
		now = round_trip(&g, now);
	}
	assert_true(g.cwnd > 2000 * MSS); /* 30 s later it is past its old maximum */
}

/*
 * RFC 9438 4.2: t is the time since the epoch began. Where one ACK answers the whole window,
 * nothing is in flight for a moment: that is no silence, and the wait for that ACK was none.
 */
static void a_window_answered_by_one_ack_follows_the_curve_too(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };
	double k = root3(40 * 0.3 / 0.4);

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	for (int i = 1; i <= 8; i++) {
		double t = i * 0.4, curve = 0.4 * (t - k) * (t - k) * (t - k) + 40;

		ack_of(&g, g.cwnd, 0, now, HF_MS(400));
		assert_true((double)g.cwnd / MSS > curve - 0.02 &&
			    (double)g.cwnd / MSS < curve + 0.02);
		restart(&g, now, HF_MS(400));
		now = hf_time_add(now, HF_MS(400));
	}
}

/* 4.2, 5.8: what is silence is no part of t, from when the last octet was acknowledged. */
static void silence_is_no_part_of_the_curve(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };
	double k = root3(40 * 0.3 / 0.4), t = 0.8;
	double curve = 0.4 * (t - k) * (t - k) * (t - k) + 40;

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	g.flags |= HF_CONGESTION_NO_DECAY;
	ack_of(&g, g.cwnd, 0, now, HF_MS(400));
	now = hf_time_add(now, HF_SEC(9));
	restart(&g, now, HF_SEC(9) + HF_MS(400));
	now = hf_time_add(now, HF_MS(400));
	ack_of(&g, g.cwnd, 0, now, HF_MS(400));
	assert_true((double)g.cwnd / MSS > curve - 0.02 && (double)g.cwnd / MSS < curve + 0.02);
}

/* Nor if it is in slow start that nothing is in flight, as after a window that was given up. */
static void silence_in_slow_start_is_no_part_of_the_curve(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };
	double k = root3(40 * 0.3 / 0.4), t = 0.8;
	double curve = 0.4 * (t - k) * (t - k) * (t - k) + 40;

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	g.flags |= HF_CONGESTION_NO_DECAY;
	ack(&g, g.cwnd, now, HF_MS(400));
	g.ssthresh = g.cwnd;
	g.cwnd -= 10 * MSS;
	ack_of(&g, 10 * MSS, 0, now, HF_MS(400));
	now = hf_time_add(now, HF_SEC(9));
	restart(&g, now, HF_SEC(9) + HF_MS(400));
	now = hf_time_add(now, HF_MS(400));
	ack(&g, g.cwnd, now, HF_MS(400));
	assert_true((double)g.cwnd / MSS > curve - 0.02 && (double)g.cwnd / MSS < curve + 0.02);
}

/* Nor is a silence after another, and what an application sends that has too little. */
static void want_of_use_after_a_silence_is_no_part_of_the_curve(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_congestion_ack little = { .octets = MSS, .delivered = MSS, .nxt = { 1 } };
	hf_time now = { HF_SEC(5) };

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	g.flags |= HF_CONGESTION_NO_DECAY;
	ack_of(&g, g.cwnd, 0, now, HF_MS(400));
	now = hf_time_add(now, HF_SEC(9));
	restart(&g, now, HF_SEC(9));
	little.now = now;
	hf_congestion_acked(&g, &little);
	now = hf_time_add(now, HF_SEC(9));
	restart(&g, now, HF_SEC(9)); /* too little goes on, for now */
	now = hf_time_add(now, HF_SEC(9));
	ack(&g, g.cwnd, now, HF_MS(400));
	assert_true(is_about(&g, w_cubic(0.4, 40, 28)));
}

/* 5.8: nor is time in which the application has too little to send, however often it is silent. */
static void time_without_use_is_no_part_of_the_curve(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_congestion_ack little = { .octets = MSS, .delivered = MSS, .srtt = HF_MS(400) };
	hf_time now = { HF_SEC(5) };
	double k = root3(40 * 0.3 / 0.4), t = 0.8;
	double curve = 0.4 * (t - k) * (t - k) * (t - k) + 40;

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	ack(&g, g.cwnd, now, HF_MS(400));
	now = little.now = hf_time_add(now, HF_MS(400));
	for (int i = 0; i < 10; i++) {
		hf_congestion_acked(&g, &little);
		now = hf_time_add(now, HF_MS(200));
		restart(&g, now, HF_MS(300));
		little.now = now = hf_time_add(now, HF_MS(100));
	}
	ack(&g, g.cwnd, now, HF_MS(400));
	assert_true((double)g.cwnd / MSS > curve - 0.02 && (double)g.cwnd / MSS < curve + 0.02);
}

static void on_short_paths_cubic_is_no_slower_than_reno(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(1) };

	(void)state;
	g.cwnd = 20 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	for (int i = 0; i < 20; i++) { /* 9/17 of a segment a round trip, at 1 ms */
		uint32_t left = g.cwnd;

		ack(&g, left, now, HF_MS(1));
		now = hf_time_add(now, HF_MS(1));
	}
	assert_in_range(g.cwnd, 14 * MSS + 20 * MSS * 9 / 17 - MSS, 14 * MSS + 20 * MSS);
}

static void fast_convergence_lowers_the_target_of_a_shrinking_flow(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);

	(void)state;
	g.cwnd = 100 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	assert_int_equal(g.cubic.w_max, 100 * MSS);
	g.cwnd = 80 * MSS; /* lost again before it was back */
	hf_congestion_lost(&g, g.cwnd);
	assert_int_equal(g.cubic.w_max, 68 * MSS); /* 80 (1 + 0.7) / 2 */
}

static void no_window_overflows_however_long_it_grows(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { 1 };

	(void)state;
	hf_congestion_lost(&g, g.cwnd);
	for (int i = 0; i < 2000; i++) {
		uint32_t before = g.cwnd;

		ack(&g, g.cwnd, now, HF_SEC(10));
		assert_true(g.cwnd >= before && g.cwnd <= UINT32_C(1) << 30);
		now = hf_time_add(now, HF_SEC(10));
	}
}

/* RFC 9438 4.9: afterwards nothing tells that there was a second reduction. */
static void a_reduction_undone_leaves_the_growth_as_it_was(void **state)
{
	hf_congestion once = start(HF_CONGESTION_CUBIC), twice;
	hf_time now = { HF_SEC(1) };

	(void)state;
	once.cwnd = 100 * MSS;
	hf_congestion_lost(&once, once.cwnd);
	twice = once;
	hf_congestion_lost(&twice, twice.cwnd);
	assert_true(twice.cwnd < once.cwnd);
	hf_congestion_undo(&twice);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(twice.cwnd, once.cwnd);
		round_trip(&once, now);
		round_trip(&twice, now);
		now = hf_time_add(now, HF_MS(1));
	}
	assert_true(once.cwnd > 70 * MSS);
}

/* RFC 9438 4.8: cwnd as slow start leaves it is W_max, K is 0, and the curve is convex. */
static void after_a_time_out_the_curve_begins_where_slow_start_ends(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };

	(void)state;
	g.cwnd = 100 * MSS;
	hf_congestion_lost(&g, g.cwnd); /* a maximum that is to be forgotten */
	g.cwnd = 60 * MSS;
	hf_congestion_timed_out(&g, g.cwnd, true);
	assert_int_equal(g.cwnd, MSS);
	assert_int_equal(g.ssthresh, 42 * MSS);
	ack(&g, 41 * MSS, now, HF_SEC(2));
	assert_int_equal(g.cwnd, 42 * MSS);
	for (int t = 2; t <= 4; t += 2) {
		ack(&g, g.cwnd, now, HF_SEC(2));
		assert_true(is_about(&g, w_cubic(t, 42, 42)));
		now = hf_time_add(now, HF_SEC(2));
	}
}

/* 4.9: window, threshold and curve are as before the time-out, and the time went on. */
static void a_time_out_undone_goes_on_with_the_curve(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };
	uint32_t before;

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	ack(&g, g.cwnd, now, HF_MS(400));
	before = g.cwnd;
	hf_congestion_timed_out(&g, g.cwnd, true);
	hf_congestion_timed_out(&g, MSS, false);
	ack(&g, MSS, hf_time_add(now, HF_MS(300)), HF_MS(400));
	hf_congestion_undo(&g);
	assert_int_equal(g.cwnd, before);
	assert_int_equal(g.ssthresh, 28 * MSS);
	now = hf_time_add(now, HF_MS(1200));
	ack(&g, g.cwnd, now, HF_MS(400));
	assert_true(is_about(&g, w_cubic(1.6, 40, 28)));
	hf_congestion_undo(&g); /* there is nothing more to undo */
	assert_true(is_about(&g, w_cubic(1.6, 40, 28)));
}

/*
 * 4.9 takes the epoch with its pauses back: what was no part of its t is none of the next one's. A
 * window like a fresh one's grows as much.
 */
static void a_pause_of_what_is_undone_is_forgotten(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC), fresh;
	hf_time now = { HF_SEC(5) };

	(void)state;
	g.cwnd = 40 * MSS;
	g.flags |= HF_CONGESTION_NO_DECAY;
	hf_congestion_lost(&g, g.cwnd);
	fresh = g;
	hf_congestion_lost(&g, g.cwnd);
	ack_of(&g, g.cwnd, 0, now, HF_MS(400)); /* nothing is in flight: a pause begins */
	hf_congestion_undo(&g);
	g.cwnd = g.ssthresh = fresh.cwnd;
	now = hf_time_add(now, HF_SEC(9));
	for (int i = 0; i < 10; i++) {
		ack(&g, g.cwnd, now, HF_MS(400));
		ack(&fresh, fresh.cwnd, now, HF_MS(400));
		now = hf_time_add(now, HF_MS(400));
		assert_int_equal(g.cwnd, fresh.cwnd);
	}
}

/* 4.8: of time-outs in a row each ends the epoch, though only the first reduces. */
static void a_second_time_out_ends_the_epoch_too(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC), once;
	hf_time now = { HF_SEC(5) };

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_timed_out(&g, g.cwnd, true);
	once = g;
	g.cwnd = g.ssthresh;
	for (int i = 0; i < 50; i++) /* an epoch, on whose curve it comes far */
		now = round_trip(&g, now);
	hf_congestion_timed_out(&g, g.cwnd, false);
	once.cwnd = g.cwnd = g.ssthresh;
	for (int i = 0; i < 10; i++) {
		ack(&g, g.cwnd, now, HF_MS(100));
		ack(&once, once.cwnd, now, HF_MS(100));
		now = hf_time_add(now, HF_MS(100));
		assert_int_equal(g.cwnd, once.cwnd);
	}
}

/* 4.9: all that the curve and W_est are made of comes back, though a new epoch has begun since. */
static void undoing_brings_the_epoch_back(void **state)
{
	hf_congestion before = start(HF_CONGESTION_CUBIC), g;
	hf_time now = { HF_SEC(1) };

	(void)state;
	before.cwnd = 100 * MSS;
	hf_congestion_lost(&before, before.cwnd);
	for (int i = 0; i < 20; i++)
		now = round_trip(&before, now);
	g = before;
	hf_congestion_lost(&g, g.cwnd);
	now = round_trip(&g, now);
	assert_true(g.cubic.epoch.ns != before.cubic.epoch.ns);
	assert_true(g.cubic.w_est != before.cubic.w_est);
	hf_congestion_undo(&g);
	assert_int_equal(g.cubic.epoch.ns, before.cubic.epoch.ns);
	assert_int_equal(g.cubic.w_est, before.cubic.w_est);
	assert_int_equal(g.cubic.w_max, before.cubic.w_max);
	assert_int_equal(g.cubic.k, before.cubic.k);
	assert_int_equal(g.cubic.cwnd_prior, before.cubic.cwnd_prior);
}

/* 4.2: a target beyond one and a half windows counts as that. */
static void cubic_grows_by_a_half_in_a_round_trip_at_most(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };

	(void)state;
	g.cwnd = 20 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	ack(&g, MSS, now, HF_SEC(1));
	now = hf_time_add(now, HF_SEC(60)); /* the curve is at 80,000 segments */
	for (int i = 0; i < 5; i++) {
		uint32_t before = g.cwnd;

		ack(&g, before, now, HF_SEC(1));
		assert_in_range(g.cwnd, before * 3 / 2 - 2, before * 3 / 2);
	}
}

/* 4.7: at the old maximum, and beyond, nobody else has come: the next maximum is cwnd itself. */
static void a_flow_that_has_got_back_to_its_maximum_keeps_it(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);

	(void)state;
	for (uint32_t cwnd = 100; cwnd <= 120; cwnd += 20) {
		g.cwnd = cwnd * MSS;
		hf_congestion_lost(&g, g.cwnd);
		assert_int_equal(g.cubic.w_max, cwnd * MSS);
		g.cwnd = cwnd * MSS;
		hf_congestion_lost(&g, g.cwnd);
		assert_int_equal(g.cubic.w_max, cwnd * MSS);
	}
}

/*
 * Slow start has ended without a loss: it may have been too early. Until a reduction shows a
 * maximum, cwnd grows by a twentieth in a round trip, as in Linux, however slow the curve and
 * W_est are.
 */
static void without_a_maximum_cubic_searches_for_one(void **state)
{
	hf_congestion g = start(HF_CONGESTION_RENO);
	hf_time now = { HF_SEC(3600) };

	(void)state;
	g.ssthresh = g.cwnd = 400 * MSS;
	assert_true(hf_congestion_choose(&g, NULL, HF_CONGESTION_CUBIC, 1));
	for (int i = 0; i < 20; i++) {
		uint32_t before = g.cwnd;

		now = round_trip(&g, now);
		assert_in_range(g.cwnd, before + before / 21, before + before / 19);
	}
	hf_congestion_lost(&g, g.cwnd);
	now = round_trip(&g, now);
	now = round_trip(&g, now);
	assert_true(g.cwnd < g.ssthresh + g.ssthresh / 20);
}

/* Linux's search: the letter of RFC 9438 knows none. */
static void to_the_letter_cubic_does_not_search(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(5) };

	(void)state;
	g.flags = HF_CONGESTION_STRICT;
	g.cubic = (hf_cubic){ .epoch = HF_NEVER, .paused = HF_NEVER };
	g.ssthresh = g.cwnd = 400 * MSS;
	now = round_trip(&g, now);
	now = round_trip(&g, now);
	assert_true(g.cwnd <= 402 * MSS);
}

/* Nor does it search where round trips show that the path is full. */
static void with_a_queue_cubic_does_not_search(void **state)
{
	hf_congestion g = start(HF_CONGESTION_RENO);
	hf_congestion_ack a = { .octets = 2 * MSS,
				.delivered = 2 * MSS,
				.now = { HF_SEC(5) },
				.srtt = HF_MS(126),
				.min_rtt = HF_MS(100),
				.cwnd_limited = true };

	(void)state;
	g.ssthresh = g.cwnd = 400 * MSS;
	assert_true(hf_congestion_choose(&g, NULL, HF_CONGESTION_CUBIC, 1));
	for (int i = 0; i < 200; i++)
		hf_congestion_acked(&g, &a);
	assert_true(g.cwnd <= 401 * MSS);
	a.srtt = HF_MS(125);
	for (int i = 0; i < 200; i++)
		hf_congestion_acked(&g, &a);
	assert_true(g.cwnd >= 418 * MSS);
}

/* (1) and (2): K to a 1024th of a second, from the window and segments of any size. */
static void the_curve_is_back_at_its_maximum_after_k(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);

	(void)state;
	for (uint32_t cwnd = 10; cwnd < 100000; cwnd = cwnd * 9 / 8 + 1) {
		double k = root3(cwnd * 0.3 / 0.4) * 1024;

		begin_with(&g, cwnd * MSS, MSS);
		assert_true(g.cubic.k <= k + 0.1 && g.cubic.k > k - 1.1);
	}
	begin_with(&g, 16000, 1500); /* 3.2 segments below, over 0.4: eight, whose root is two */
	assert_int_equal(g.cubic.k, 2 * 1024);
}

/* 4.2: the time may be long since, or segments larger than those that K was made with. */
static void the_curve_has_no_end(void **state)
{
	static const int seconds[] = { 300, 700, 2000, 3000, 4000, 5000, 30000, 300000 };

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		hf_congestion g = start(HF_CONGESTION_CUBIC);

		begin_with(&g, 20 * MSS, MSS);
		ack(&g, 14 * MSS, hf_time_add((hf_time){ HF_SEC(5) }, HF_SEC(seconds[i])), RTT);
		assert_in_range(g.cwnd, 20 * MSS, 14 * MSS * 3 / 2 + 500);
	}
}

static void larger_segments_do_not_turn_the_curve_over(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	uint32_t before;

	(void)state;
	begin_with(&g, 2000 * 500, 500);
	before = g.cwnd;
	hf_congestion_set_mss(&g, 9000);
	ack(&g, g.cwnd, (hf_time){ HF_SEC(5) + HF_MS(1) }, HF_MS(1));
	assert_in_range(g.cwnd, before, before + 9000);
}

/* 4.3: a segment as soon as the octets for it are acknowledged, counted anew by each epoch. */
static void the_reno_friendly_window_grows_when_its_octets_are_there(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	uint32_t each = 70 * MSS * 17 / 9;

	(void)state;
	for (uint32_t less = 0; less < 2; less++) {
		begin_with(&g, 100 * MSS, MSS);
		ack(&g, each - 1 - less, (hf_time){ HF_SEC(5) }, 1);
		assert_in_range(g.cwnd, (71 - less) * MSS, (71 - less) * MSS + 100);
	}
	/* Nearly enough, and a loss in between. */
	begin_with(&g, 100 * MSS, MSS);
	ack(&g, each - MSS, (hf_time){ HF_SEC(5) }, 1);
	begin_with(&g, 100 * MSS, MSS);
	ack(&g, 2 * MSS, (hf_time){ HF_SEC(5) }, 1);
	assert_in_range(g.cwnd, 70 * MSS, 70 * MSS + 100);
}

/* Nothing is lost by rounding where many ACKs tell of a few octets each. */
static void small_acknowledgements_let_cubic_grow_as_large_ones_do(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC), pieces;
	uint32_t window;

	(void)state;
	begin_with(&g, 100 * MSS, MSS);
	pieces = g;
	window = g.cwnd;
	ack(&g, window, (hf_time){ HF_SEC(5) }, HF_MS(100));
	for (uint32_t left = window; left > 0; left -= left < 5 ? left : 5)
		ack(&pieces, left < 5 ? left : 5, (hf_time){ HF_SEC(5) }, HF_MS(100));
	assert_true(g.cwnd > window + 2 * MSS);
	assert_in_range(pieces.cwnd, window + (g.cwnd - window) / 2, g.cwnd);
}

/* 4.3: 9/17 of a segment for each window, and one whole from the window before the loss on. */
static void the_reno_friendly_window_follows_its_equation(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(1) };
	double w_est = 70;

	(void)state;
	g.cwnd = 100 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	for (int i = 0; i < 100; i++) {
		uint32_t window = g.cwnd;

		for (uint32_t left = window; left > 0; left -= left < MSS ? left : MSS) {
			uint32_t octets = left < MSS ? left : MSS;

			w_est += (w_est < 100 ? 9.0 / 17 : 1) * octets / g.cwnd;
			ack(&g, octets, now, HF_MS(1));
		}
		now = hf_time_add(now, HF_MS(1));
		assert_true((double)g.cwnd / MSS > w_est - 1.1 && /* in whole segments */
			    (double)g.cwnd / MSS < w_est + 0.1);
	}
	assert_true(w_est > 130);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cubic_follows_its_curve),
		cmocka_unit_test(a_window_answered_by_one_ack_follows_the_curve_too),
		cmocka_unit_test(silence_is_no_part_of_the_curve),
		cmocka_unit_test(silence_in_slow_start_is_no_part_of_the_curve),
		cmocka_unit_test(want_of_use_after_a_silence_is_no_part_of_the_curve),
		cmocka_unit_test(time_without_use_is_no_part_of_the_curve),
		cmocka_unit_test(on_short_paths_cubic_is_no_slower_than_reno),
		cmocka_unit_test(fast_convergence_lowers_the_target_of_a_shrinking_flow),
		cmocka_unit_test(no_window_overflows_however_long_it_grows),
		cmocka_unit_test(a_reduction_undone_leaves_the_growth_as_it_was),
		cmocka_unit_test(after_a_time_out_the_curve_begins_where_slow_start_ends),
		cmocka_unit_test(a_time_out_undone_goes_on_with_the_curve),
		cmocka_unit_test(a_second_time_out_ends_the_epoch_too),
		cmocka_unit_test(a_pause_of_what_is_undone_is_forgotten),
		cmocka_unit_test(undoing_brings_the_epoch_back),
		cmocka_unit_test(cubic_grows_by_a_half_in_a_round_trip_at_most),
		cmocka_unit_test(a_flow_that_has_got_back_to_its_maximum_keeps_it),
		cmocka_unit_test(without_a_maximum_cubic_searches_for_one),
		cmocka_unit_test(to_the_letter_cubic_does_not_search),
		cmocka_unit_test(with_a_queue_cubic_does_not_search),
		cmocka_unit_test(the_curve_is_back_at_its_maximum_after_k),
		cmocka_unit_test(the_curve_has_no_end),
		cmocka_unit_test(larger_segments_do_not_turn_the_curve_over),
		cmocka_unit_test(the_reno_friendly_window_grows_when_its_octets_are_there),
		cmocka_unit_test(small_acknowledgements_let_cubic_grow_as_large_ones_do),
		cmocka_unit_test(the_reno_friendly_window_follows_its_equation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
