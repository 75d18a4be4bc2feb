/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control beside the equations of RFC 5681, and what modules share. */
#include "tcp/tx/bbr.h"
#include "tcp/tx/hystart.h"
#include "tcp/tx/rate.h"
#include "tests/unit/support.h"
#include "tests/unit/window.h"

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

/* Undone in the first slow start, it is the first slow start again, with all that watches it. */
static void a_reduction_undone_in_slow_start_leaves_slow_start(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);

	(void)state;
	assert_true(g.flags & HF_CONGESTION_HYSTART);
	hf_congestion_lost(&g, g.cwnd);
	assert_false(g.flags & HF_CONGESTION_HYSTART);
	assert_int_equal(g.ssthresh, 10220); /* 0.7 * 14600 */
	hf_congestion_undo(&g);
	assert_true(g.flags & HF_CONGESTION_HYSTART);
	assert_int_equal(g.ssthresh, HF_CWND_MAX);
	assert_int_equal(g.cwnd, 14600);
	ack(&g, 14600, (hf_time){ HF_SEC(1) }, RTT);
	assert_int_equal(g.cwnd, 29200);
}

/* Another module takes the window over as it is, and begins its own way. */
static void a_module_takes_over_the_window_of_the_one_before(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	hf_time now = { HF_SEC(1) };

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, g.cwnd);
	assert_true(hf_congestion_choose(&g, NULL, HF_CONGESTION_RENO, 1));
	assert_int_equal(g.cwnd, 28 * MSS);
	assert_int_equal(g.ssthresh, 28 * MSS);
	ack(&g, g.cwnd, now, RTT);
	assert_int_equal(g.cwnd, 29 * MSS);
	hf_congestion_undo(&g); /* what the other has done is not undone any more */
	assert_int_equal(g.cwnd, 29 * MSS);
	hf_congestion_lost(&g, g.cwnd);
	assert_int_equal(g.cwnd, 29 * MSS / 2);
	assert_false(hf_congestion_choose(&g, NULL, HF_CONGESTION_DEFAULT, 1));
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

/* ---- Silence, and a window that is not used ---- */

/* RFC 2861 3.1: half for each RTO after the first, and no trace of a pause of one. */
static void a_pause_of_an_rto_costs_nothing_and_of_two_a_half(void **state)
{
	static const struct {
		hf_ns idle;
		uint32_t cwnd, ssthresh; /* segments */
	} rows[] = {
		{ HF_SEC(1), 100, 40 },    { HF_SEC(1) + 1, 50, 75 }, { HF_SEC(2), 50, 75 },
		{ HF_SEC(2) + 1, 25, 75 }, { HF_SEC(3), 25, 75 },     { HF_SEC(60), 10, 75 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_congestion g = start(HF_CONGESTION_CUBIC);

		g.cwnd = 100 * MSS;
		g.ssthresh = 40 * MSS;
		restart(&g, (hf_time){ HF_SEC(99) }, rows[i].idle);
		assert_int_equal(g.cwnd, rows[i].cwnd * MSS);
		assert_int_equal(g.ssthresh, rows[i].ssthresh * MSS);
	}
}

/* What is in flight `at` ns after the beginning, with an RTO of a second. */
static void use(hf_congestion *g, hf_ns at, uint32_t segments, bool limited, bool open)
{
	hf_congestion_validate(g, &(hf_congestion_use){ .now = { HF_SEC(9) + at },
							.flight = segments * MSS,
							.rto = HF_SEC(1),
							.limited = limited,
							.open = open });
}

static hf_congestion hundred_in_use(void)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);

	g.cwnd = 100 * MSS;
	g.ssthresh = 40 * MSS;
	use(&g, -HF_MS(10), 100, true, true);
	use(&g, -HF_MS(5), 90, false, true);
	use(&g, 0, 100, true, true); /* what was before does not count */
	return g;
}

/* RFC 2861 3.2: half-way to the most that was used in an RTO, or to the first window. */
static void a_window_that_is_not_used_for_an_rto_is_given_up_half_way(void **state)
{
	hf_congestion g = hundred_in_use();

	(void)state;
	use(&g, HF_MS(300), 20, false, true);
	use(&g, HF_MS(600), 12, false, true);
	use(&g, HF_SEC(1) - 1, 12, false, true);
	assert_int_equal(g.cwnd, 100 * MSS);
	use(&g, HF_SEC(1), 12, false, true);
	assert_int_equal(g.cwnd, 60 * MSS);
	assert_int_equal(g.ssthresh, 75 * MSS);
	use(&g, HF_SEC(2) - 1, 5, false, true);
	assert_int_equal(g.cwnd, 60 * MSS);
	use(&g, HF_SEC(2), 5, false, true);
	assert_int_equal(g.cwnd, 35 * MSS);
	assert_int_equal(g.ssthresh, 75 * MSS);
}

static void a_window_that_is_full_or_in_a_recovery_is_kept(void **state)
{
	hf_congestion g = hundred_in_use();

	(void)state;
	use(&g, HF_MS(500), 20, false, true);
	use(&g, HF_MS(900), 100, true, true); /* the RTO begins anew */
	use(&g, HF_SEC(1), 20, false, true);
	assert_int_equal(g.cwnd, 100 * MSS);
	use(&g, HF_MS(1900), 20, false, false); /* and anew */
	use(&g, HF_MS(2899), 10, false, true);
	assert_int_equal(g.cwnd, 100 * MSS);
	use(&g, HF_MS(2900), 10, false, true);
	assert_int_equal(g.cwnd, 55 * MSS);
	/* All was used, though not at once. */
	g = hundred_in_use();
	use(&g, HF_SEC(1), 100, false, true);
	assert_int_equal(g.cwnd, 100 * MSS);
	assert_int_equal(g.ssthresh, 40 * MSS);
	/* To the letter of RFC 5681, and where silence costs nothing, neither does this. */
	for (uint8_t flag = HF_CONGESTION_STRICT; flag <= HF_CONGESTION_NO_DECAY; flag *= 2) {
		g = hundred_in_use();
		g.flags |= flag;
		use(&g, HF_SEC(5), 10, false, true);
		assert_int_equal(g.cwnd, 100 * MSS);
	}
}

/* ---- Pacing ---- */

/* As Linux: twice the window in a round trip as long as it may double in it, else 1.2 times. */
static void a_window_is_paced_out_in_half_a_round_trip_or_nearly_one(void **state)
{
	static const uint32_t thresholds[] = { 400, 202, 200, 100 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		hf_congestion g = start(HF_CONGESTION_CUBIC);
		hf_congestion_ack little = { .octets = MSS, .delivered = MSS, .nxt = { 1 } };

		g.cwnd = 100 * MSS;
		g.ssthresh = thresholds[i] * MSS;
		hf_congestion_acked(&g, &little);
		assert_int_equal(g.pacing_rate, 0);
		hf_congestion_set_pacing(&g, true);
		hf_congestion_acked(&g, &little); /* no round trip is known */
		assert_int_equal(g.pacing_rate, 0);
		little.srtt = RTT;
		hf_congestion_acked(&g, &little);
		assert_int_equal(g.pacing_rate, 100 * MSS * (i < 2 ? 20 : 12));
		hf_congestion_set_pacing(&g, false);
		assert_int_equal(g.pacing_rate, 0);
	}
}

/* ---- Modules ---- */

static void reno_has_nothing_of_its_own_to_undo(void **state)
{
	hf_congestion g = start(HF_CONGESTION_RENO);

	(void)state;
	g.cwnd = 40 * MSS;
	hf_congestion_lost(&g, 40 * MSS);
	hf_congestion_undo(&g);
	assert_int_equal(g.cwnd, 40 * MSS);
	g.cwnd = 20 * MSS;
	hf_congestion_undo(&g); /* once */
	assert_int_equal(g.cwnd, 20 * MSS);
}

static void bbr_begins_without_hystart_and_leaves_nothing_behind(void **state)
{
	hf_congestion g = start(HF_CONGESTION_CUBIC);
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	const hf_bbr *bbr;

	(void)state;
	heap.refuses = true;
	assert_false(hf_congestion_choose(&g, &mem, HF_CONGESTION_BBR, 1));
	assert_int_equal(g.module, HF_CONGESTION_CUBIC);
	assert_true(g.flags & HF_CONGESTION_HYSTART);
	heap.refuses = false;
	assert_true(hf_congestion_choose(&g, &mem, HF_CONGESTION_BBR, 1));
	assert_true(hf_congestion_owns_window(&g));
	assert_false(g.flags & HF_CONGESTION_HYSTART);
	bbr = g.bbr;
	assert_true(hf_congestion_choose(&g, &mem, HF_CONGESTION_BBR, 1));
	assert_ptr_equal(g.bbr, bbr);
	hf_congestion_set_pacing(&g, false); /* it paces always */
	assert_true(g.pacing_rate > 0);
	g.flags |= HF_CONGESTION_HOLDS_BACK;
	assert_true(hf_congestion_choose(&g, &mem, HF_CONGESTION_CUBIC, 1));
	assert_false(hf_congestion_owns_window(&g));
	assert_false(g.flags & HF_CONGESTION_HOLDS_BACK);
	assert_int_equal(g.pacing_rate, 0);
	assert_true(g.flags & HF_CONGESTION_HYSTART); /* still in its first slow start */
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

static void hystart_is_as_the_settings_and_the_profile_say(void **state)
{
	static const struct {
		hf_profile profile;
		hf_choice choice;
		bool is_on;
	} rows[] = {
		{ HF_PROFILE_LINUX, HF_CHOICE_DEFAULT, true },
		{ HF_PROFILE_LINUX, HF_CHOICE_OFF, false },
		{ HF_PROFILE_LINUX, HF_CHOICE_ON, true },
		{ HF_PROFILE_RFC, HF_CHOICE_DEFAULT, false },
		{ HF_PROFILE_RFC, HF_CHOICE_OFF, false },
		{ HF_PROFILE_RFC, HF_CHOICE_ON, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_config config = { .profile = rows[i].profile, .hystart = rows[i].choice };
		hf_congestion g;

		hf_congestion_init(&g, &config, MSS);
		assert_int_equal((g.flags & HF_CONGESTION_HYSTART) != 0, rows[i].is_on);
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
		cmocka_unit_test(after_silence_the_window_is_the_initial_one_at_most),
		cmocka_unit_test(what_is_lost_counts_in_one_sample),
		cmocka_unit_test(a_new_mss_is_what_the_window_grows_by),
		cmocka_unit_test(a_reduction_undone_in_slow_start_leaves_slow_start),
		cmocka_unit_test(a_module_takes_over_the_window_of_the_one_before),
		cmocka_unit_test(longer_round_trips_slow_slow_start_and_five_rounds_of_them_end_it),
		cmocka_unit_test(a_pause_of_an_rto_costs_nothing_and_of_two_a_half),
		cmocka_unit_test(a_window_that_is_not_used_for_an_rto_is_given_up_half_way),
		cmocka_unit_test(a_window_that_is_full_or_in_a_recovery_is_kept),
		cmocka_unit_test(a_window_is_paced_out_in_half_a_round_trip_or_nearly_one),
		cmocka_unit_test(reno_has_nothing_of_its_own_to_undo),
		cmocka_unit_test(bbr_begins_without_hystart_and_leaves_nothing_behind),
		cmocka_unit_test(hystart_is_as_the_settings_and_the_profile_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
