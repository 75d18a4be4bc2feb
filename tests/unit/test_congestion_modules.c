/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control beside the equations of RFC 5681 and RFC 9438. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/congestion.h"

#define MSS 1460
#define RTT HF_MS(100)

static hf_congestion start(hf_congestion_control module)
{
	hf_config config = { .congestion = module };
	hf_congestion g;

	hf_congestion_init(&g, &config, MSS);
	return g;
}

/* `octets` are acknowledged while cwnd is what holds sending back. */
static void ack(hf_congestion *g, uint32_t octets, hf_time now, hf_ns srtt)
{
	hf_congestion_acked(g, &(hf_congestion_ack){ .octets = octets,
						     .delivered = octets,
						     .now = now,
						     .srtt = srtt,
						     .cwnd_limited = true });
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
		hf_congestion_restart(&g, (hf_time){ HF_SEC(9) }, HF_SEC(9), HF_SEC(1));
		assert_int_equal(g.cwnd, 10 * MSS);
		g.cwnd = 3 * MSS;
		hf_congestion_restart(&g, (hf_time){ HF_SEC(9) }, HF_SEC(9), HF_SEC(1));
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
		cmocka_unit_test(on_short_paths_cubic_is_no_slower_than_reno),
		cmocka_unit_test(fast_convergence_lowers_the_target_of_a_shrinking_flow),
		cmocka_unit_test(after_silence_the_window_is_the_initial_one_at_most),
		cmocka_unit_test(no_window_overflows_however_long_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
