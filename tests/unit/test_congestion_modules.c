/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control beside the equations of RFC 5681 and RFC 9438. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/congestion.h"
#include "tcp/tx/hystart.h"
#include "tcp/tx/rate.h"

#define MSS 1460
#define RTT HF_MS(100)

static hf_congestion start(hf_congestion_control module)
{
	hf_config config = { .congestion = module };
	hf_congestion g;

	hf_congestion_init(&g, &config, MSS);
	return g;
}

/* `octets` are acknowledged while cwnd is what holds sending back, and so many left in flight. */
static void ack_of(hf_congestion *g, uint32_t octets, uint32_t left, hf_time now, hf_ns srtt)
{
	hf_congestion_acked(g, &(hf_congestion_ack){ .octets = octets,
						     .delivered = octets,
						     .nxt = { left },
						     .now = now,
						     .srtt = srtt,
						     .cwnd_limited = true });
}

static void ack(hf_congestion *g, uint32_t octets, hf_time now, hf_ns srtt)
{
	ack_of(g, octets, g->cwnd, now, srtt);
}

/* Sending goes on after so long without; RTO is one second. */
static void restart(hf_congestion *g, hf_time now, hf_ns idle)
{
	hf_congestion_restart(
		g, &(hf_congestion_silence){ .now = now, .idle = idle, .rto = HF_SEC(1) });
}

/* One round trip: every octet of cwnd is acknowledged, two segments by each ACK. */
static hf_time round_trip(hf_congestion *g, hf_time now)
{
	uint32_t left = g->cwnd;

	while (left > 0) {
		uint32_t octets = left < 2 * MSS ? left : 2 * MSS;

		ack(g, octets, now, RTT);
		left -= octets;
	}
	return hf_time_add(now, RTT);
}

/* The real root of x^3 = a, by Newton's steps: the tests have no mathematics library everywhere. */
static double root3(double a)
{
	double x = a > 1 ? a : 1;

	for (int i = 0; i < 200; i++)
		x -= (x * x * x - a) / (3 * x * x);
	return x;
}

static void the_initial_window_is_ten_segments_within_its_limits(void **state)
{
	(void)state;
	assert_int_equal(hf_congestion_initial_window(1460), 14600);
	assert_int_equal(hf_congestion_initial_window(536), 5360);
	assert_int_equal(hf_congestion_initial_window(4000), 14600);
	assert_int_equal(hf_congestion_initial_window(9000), 18000);
}

static void slow_start_doubles_in_a_round_trip(void **state)
{
	hf_congestion_control both[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		hf_congestion g = start(both[i]);
		uint32_t before = g.cwnd;

		round_trip(&g, (hf_time){ 0 });
		assert_int_equal(g.cwnd, 2 * before);
	}
}

static void reno_grows_by_one_segment_in_a_round_trip(void **state)
{
	hf_congestion g = start(HF_CONGESTION_RENO);

	(void)state;
	g.cwnd = g.ssthresh = 20 * MSS;
	for (uint32_t i = 1; i <= 10; i++) {
		round_trip(&g, (hf_time){ 0 });
		assert_in_range(g.cwnd, (20 + i) * MSS - MSS / 8, (20 + i) * MSS);
	}
}

static void reno_halves_the_flight_and_cubic_keeps_seven_tenths(void **state)
{
	hf_congestion reno = start(HF_CONGESTION_RENO), cubic = start(HF_CONGESTION_CUBIC);

	(void)state;
	reno.cwnd = cubic.cwnd = 100 * MSS;
	hf_congestion_lost(&reno, 100 * MSS);
	hf_congestion_lost(&cubic, 100 * MSS);
	assert_int_equal(reno.cwnd, 50 * MSS);
	assert_int_equal(reno.ssthresh, 50 * MSS);
	assert_int_equal(cubic.cwnd, 70 * MSS);
	assert_int_equal(cubic.ssthresh, 70 * MSS);
}

static void ssthresh_is_never_below_two_segments(void **state)
{
	hf_congestion_control both[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		hf_congestion g = start(both[i]);

		g.cwnd = MSS;
		hf_congestion_lost(&g, MSS);
		assert_int_equal(g.ssthresh, 2 * MSS);
	}
}

static void a_time_out_leaves_one_segment_and_lowers_ssthresh_once(void **state)
{
	hf_congestion g = start(HF_CONGESTION_RENO);

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_timed_out(&g, 40 * MSS, true);
	assert_int_equal(g.cwnd, MSS);
	assert_int_equal(g.ssthresh, 20 * MSS);
	hf_congestion_timed_out(&g, MSS, false);
	assert_int_equal(g.ssthresh, 20 * MSS);
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
		little.now = now = hf_time_add(now, HF_MS(300));
		restart(&g, now, HF_MS(300));
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

static void after_silence_the_window_is_the_initial_one_at_most(void **state)
{
	hf_congestion_control both[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		hf_congestion g = start(both[i]);

		g.flags |= HF_CONGESTION_STRICT;
		g.cwnd = 100 * MSS;
		restart(&g, (hf_time){ HF_SEC(9) }, HF_SEC(9));
		assert_int_equal(g.cwnd, 10 * MSS);
		g.cwnd = 3 * MSS;
		restart(&g, (hf_time){ HF_SEC(9) }, HF_SEC(9));
		assert_int_equal(g.cwnd, 3 * MSS);
	}
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

/* A sample tells what was lost since its newest segment left; the next one begins anew. */
static void what_is_lost_counts_in_one_sample(void **state)
{
	hf_time sent_at = { HF_SEC(1) };
	hf_sent s = { .at = sent_at, .len = MSS };
	hf_rate_sample sample;
	hf_rate r;

	(void)state;
	hf_rate_init(&r, 0);
	hf_rate_restart(&r, sent_at);
	hf_rate_lost(&r, &(hf_sent){ .len = 200 });
	hf_rate_take(&r, sent_at, RTT);
	hf_rate_sent(&r, &s, 0);
	hf_rate_lost(&r, &(hf_sent){ .len = 500 });
	hf_rate_delivered(&r, &s, MSS);
	assert_int_equal(hf_rate_newly_lost(&r), 500);
	assert_int_equal(hf_rate_newly_delivered(&r), MSS);
	sample = hf_rate_take(&r, hf_time_add(sent_at, RTT), RTT);
	assert_int_equal(sample.lost, 500);
	assert_int_equal(sample.delivered, MSS);
	assert_int_equal(hf_rate_newly_lost(&r), 0);
	assert_int_equal(hf_rate_newly_delivered(&r), 0);
}

/* A path with another MSS: the next segment more is one of the new size. */
static void a_new_mss_is_what_the_window_grows_by(void **state)
{
	hf_congestion g = start(HF_CONGESTION_RENO);

	(void)state;
	hf_congestion_set_mss(&g, 500);
	g.ssthresh = g.cwnd = 10000;
	ack(&g, 10000, (hf_time){ HF_SEC(1) }, RTT);
	assert_int_equal(g.cwnd, 10500);
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

/* A round of ten ACKs for a segment each. Returns how much the last lets cwnd grow; 0: the end. */
static uint32_t slow_start_round(hf_hystart *h, uint32_t *una, hf_ns first, hf_ns others)
{
	uint32_t octets = 0, nxt = *una + 10 * MSS;

	for (int i = 0; i < 10; i++) {
		hf_congestion_ack a = { .una = { *una },
					.nxt = { nxt },
					.rtt = i ? others : first };

		octets = 4 * MSS;
		if (hf_hystart_acked(h, &a, &octets))
			return 0;
		*una += MSS;
	}
	return octets;
}

/* RFC 9406 4.2 */
static void longer_round_trips_slow_slow_start_and_five_rounds_of_them_end_it(void **state)
{
	hf_hystart h = { 0 };
	uint32_t una = 1;

	(void)state;
	hf_hystart_begin(&h);
	assert_int_equal(slow_start_round(&h, &una, RTT, RTT), 4 * MSS);
	assert_int_equal(slow_start_round(&h, &una, RTT, RTT + HF_MS(50)),
			 4 * MSS); /* the least counts */
	assert_int_equal(slow_start_round(&h, &una, RTT + HF_MS(12), RTT + HF_MS(12)), 4 * MSS);
	assert_int_equal(slow_start_round(&h, &una, RTT + HF_MS(26), RTT + HF_MS(26)),
			 MSS);                                           /* by 1/8 */
	assert_int_equal(slow_start_round(&h, &una, RTT, RTT), 4 * MSS); /* it was nothing */
	assert_int_equal(slow_start_round(&h, &una, RTT + HF_MS(13), RTT + HF_MS(13)), MSS);
	for (int i = 0; i < 4; i++)
		assert_int_equal(slow_start_round(&h, &una, RTT + HF_MS(13), RTT + HF_MS(13)), MSS);
	assert_int_equal(slow_start_round(&h, &una, RTT + HF_MS(13), RTT + HF_MS(13)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_initial_window_is_ten_segments_within_its_limits),
		cmocka_unit_test(slow_start_doubles_in_a_round_trip),
		cmocka_unit_test(reno_grows_by_one_segment_in_a_round_trip),
		cmocka_unit_test(reno_halves_the_flight_and_cubic_keeps_seven_tenths),
		cmocka_unit_test(ssthresh_is_never_below_two_segments),
		cmocka_unit_test(a_time_out_leaves_one_segment_and_lowers_ssthresh_once),
		cmocka_unit_test(cubic_follows_its_curve),
		cmocka_unit_test(a_window_answered_by_one_ack_follows_the_curve_too),
		cmocka_unit_test(silence_is_no_part_of_the_curve),
		cmocka_unit_test(silence_in_slow_start_is_no_part_of_the_curve),
		cmocka_unit_test(time_without_use_is_no_part_of_the_curve),
		cmocka_unit_test(on_short_paths_cubic_is_no_slower_than_reno),
		cmocka_unit_test(fast_convergence_lowers_the_target_of_a_shrinking_flow),
		cmocka_unit_test(after_silence_the_window_is_the_initial_one_at_most),
		cmocka_unit_test(no_window_overflows_however_long_it_grows),
		cmocka_unit_test(what_is_lost_counts_in_one_sample),
		cmocka_unit_test(a_new_mss_is_what_the_window_grows_by),
		cmocka_unit_test(a_reduction_undone_leaves_the_growth_as_it_was),
		cmocka_unit_test(longer_round_trips_slow_slow_start_and_five_rounds_of_them_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
