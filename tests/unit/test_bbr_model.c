/* SPDX-License-Identifier: BSD-2-Clause */
/* BBRv3: losses, ProbeRTT, silence and the window (draft-ietf-ccwg-bbr-05 5.3.4 to 5.6). */
#include "tests/unit/bbr_path.h"

/* ---- Losses in between ---- */

/* 5.5.10.3: once in a round trip, to what is delivered, but to beta of what it was at most. */
static void losses_while_cruising_lower_the_short_term_bounds(void **state)
{
	struct path *p = in_cruise();
	uint32_t cwnd = p->g.cwnd;

	(void)state;
	SAYS(p, .rate = RATE / 10, .in_flight = BDP / 2, .lost = MSS, .delivered = MSS,
	     .same_round = true);
	assert_true(p->b.bw_shortterm == HF_BBR_BW_NONE);
	cwnd = p->g.cwnd;
	p->b.bw_latest = 0;
	p->b.inflight_latest = 0;
	SAYS(p, .rate = RATE / 10, .in_flight = BDP / 2, .delivered = MSS);
	assert_int_equal(p->b.bw_shortterm, RATE * 70 / 100);
	assert_int_equal(p->b.inflight_shortterm, cwnd * 7 / 10);
	assert_int_equal(p->g.pacing_rate, paced(RATE * 70 / 100, 100));
	/* A round without a loss leaves them as they are. */
	SAYS(p, .rate = RATE / 10, .in_flight = BDP / 2, .delivered = MSS);
	SAYS(p, .rate = RATE / 10, .in_flight = BDP / 2, .delivered = MSS);
	assert_int_equal(p->b.bw_shortterm, RATE * 70 / 100);
	/* 0.9 of what it is now is delivered: that is the bound. */
	SAYS(p, .rate = RATE * 63 / 100, .in_flight = BDP / 2, .lost = MSS, .delivered = MSS,
	     .same_round = true);
	SAYS(p, .rate = RATE / 10, .in_flight = BDP / 2, .delivered = MSS);
	assert_int_equal(p->b.bw_shortterm, RATE * 63 / 100);
}

static void losses_while_probing_leave_the_short_term_alone(void **state)
{
	struct path *p = in_refill();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP, .lost = MSS, .same_round = true);
	SAYS(p, .rate = RATE, .in_flight = BDP, .lost = MSS);
	assert_true(p->b.bw_shortterm == HF_BBR_BW_NONE);
	assert_int_equal(p->b.inflight_shortterm, HF_BBR_VOLUME_NONE);
}

/* 5.5.5: the greatest of this cycle of probing and of the last. */
static void the_bandwidth_is_the_greatest_of_two_cycles(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	SAYS(p, .rate = 2 * RATE, .in_flight = BDP);
	assert_int_equal(hf_bbr_max_bw(&p->b), 2 * RATE);
	hf_bbr_advance_max_bw(&p->b);
	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(hf_bbr_max_bw(&p->b), 2 * RATE);
	hf_bbr_advance_max_bw(&p->b);
	assert_int_equal(hf_bbr_max_bw(&p->b), RATE);
	hf_bbr_advance_max_bw(&p->b); /* nothing was measured: the older is all there is */
	assert_int_equal(hf_bbr_max_bw(&p->b), RATE);
	/* What the application limits counts only if it is more. */
	SAYS(p, .rate = RATE / 2, .in_flight = BDP, .app_limited = true);
	assert_int_equal(p->b.max_bw_filter[0], 0);
	SAYS(p, .rate = 3 * RATE, .in_flight = BDP, .app_limited = true);
	assert_int_equal(hf_bbr_max_bw(&p->b), 3 * RATE);
}

/* 5.6.4.2, at any speed: the greatest window there is instead of more. */
static void the_product_is_exact_and_bounded(void **state)
{
	static const struct {
		uint64_t bw;
		hf_ns rtt;
		unsigned percent;
		uint32_t is;
	} rows[] = {
		{ 10000000000, 999, 100, 9990 },
		{ 10000000000, HF_US(3) + 500, 100, 35000 },
		{ 1000000000, HF_US(40), 225, 90000 },
		{ 1000000000, HF_SEC(1), 100, 1000000000 },
		{ 1100000000, HF_SEC(1), 100, HF_CWND_MAX },
		{ 600000000, HF_SEC(1), 200, HF_CWND_MAX },
		{ UINT64_C(1) << 60, HF_SEC(1), 100, HF_CWND_MAX },
		{ UINT64_MAX, HF_SEC(9), 225, HF_CWND_MAX },
		{ UINT64_C(20000000000000), HF_SEC(1) - 1000, 100, HF_CWND_MAX },
		{ 0, HF_SEC(1), 50, 10 * MSS }, /* nothing is known yet */
		{ RATE, 0, 50, 10 * MSS },
	};
	struct path *p = path_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p->b.min_rtt = rows[i].rtt;
		assert_int_equal(hf_bbr_bdp(&p->g, rows[i].bw, rows[i].percent), rows[i].is);
	}
}

/* The table of 5.6.1: where no loss has shown a bound, there is none to leave headroom under. */
static void without_losses_nothing_but_the_product_bounds_the_window(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	p->g.cwnd = HF_CWND_MAX;
	for (int i = 0; i < 3; i++)
		SAYS(p, .rate = 100000 * RATE, .in_flight = HF_CWND_MAX, .same_round = true);
	assert_int_equal(p->b.state, HF_BBR_CRUISE);
	assert_int_equal(p->g.cwnd, HF_CWND_MAX);
}

/* ---- ProbeRTT ---- */

/* 5.3.4: five seconds without a shorter round trip; half a product is left in flight for 200 ms. */
static void after_five_seconds_the_round_trip_is_probed(void **state)
{
	struct path *p = in_cruise();
	uint32_t cwnd;

	(void)state;
	while (hf_time_diff(p->now, p->b.probe_rtt_min_stamp) <= HF_SEC(5) - RTT)
		SAYS(p, .rate = RATE, .in_flight = BDP, .rtt = RTT + 1);
	assert_int_not_equal(p->b.state, HF_BBR_PROBE_RTT);
	cwnd = p->g.cwnd;
	SAYS(p, .rate = RATE, .in_flight = BDP, .rtt = RTT + 1, .after = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	assert_int_equal(p->g.cwnd, BDP / 2);
	assert_int_equal(p->g.pacing_rate, paced(RATE, 100));
	assert_true(p->g.flags & HF_CONGESTION_HOLDS_BACK);
	/* The 200 ms begin when no more than that is in flight. */
	SAYS(p, .rate = RATE, .in_flight = BDP, .after = HF_SEC(1), .rtt = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	SAYS(p, .rate = RATE, .in_flight = BDP / 2, .rtt = RTT + 1);
	SAYS(p, .rate = RATE, .in_flight = BDP / 2, .rtt = RTT + 1, .after = HF_MS(200));
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	SAYS(p, .rate = RATE, .in_flight = BDP / 2, .rtt = RTT + 1, .after = 1);
	assert_int_equal(p->b.state, HF_BBR_CRUISE);
	assert_true(p->g.cwnd >= cwnd);
	assert_false(p->g.flags & HF_CONGESTION_HOLDS_BACK);
}

/* 5.3.4.3: and it lasts a whole round trip of so little. */
static void the_round_trip_is_probed_for_a_round_at_least(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP / 2, .after = HF_SEC(6), .rtt = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	for (int i = 0; i < 3; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP / 2, .same_round = true, .after = HF_MS(300),
		     .rtt = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	SAYS(p, .rate = RATE, .in_flight = BDP / 2, .rtt = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_CRUISE);
}

static void before_the_pipe_is_full_probing_the_round_trip_leads_back_to_startup(void **state)
{
	struct path *p = path_new();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = MSS);
	SAYS(p, .rate = 2 * RATE, .in_flight = MSS, .after = HF_SEC(6), .rtt = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	SAYS(p, .rate = 4 * RATE, .in_flight = MSS, .after = HF_MS(201));
	assert_int_equal(p->b.state, HF_BBR_STARTUP);
	assert_int_equal(p->g.pacing_rate, paced(4 * RATE, 277));
}

/* 5.5.8: a shorter round trip counts at once, a longer one when ten seconds have shown no other. */
static void the_shortest_round_trip_is_of_ten_seconds(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP, .rtt = RTT / 2);
	assert_int_equal(p->b.min_rtt, RTT / 2);
	for (hf_time end = hf_time_add(p->now, HF_SEC(10)); !hf_time_before(end, p->now);)
		SAYS(p, .rate = RATE, .in_flight = MSS, .rtt = RTT);
	assert_int_equal(p->b.min_rtt, RTT);
}

/* ---- Silence, and all the rest ---- */

/* 5.4.1: sending goes on at the rate of the path, and a silence needs no probing. */
static void after_silence_it_sends_at_the_rate_of_the_path(void **state)
{
	struct path *p = in_up();

	(void)state;
	assert_int_equal(p->g.pacing_rate, paced(RATE, 125));
	p->now = hf_time_add(p->now, HF_SEC(20));
	hf_bbr_module.resume(&p->g, p->now, RTT);
	assert_int_equal(p->g.pacing_rate, paced(RATE, 100));
	SAYS(p, .rate = RATE, .in_flight = MSS, .rtt = RTT + 1, .app_limited = true);
	assert_int_not_equal(p->b.state, HF_BBR_PROBE_RTT);
}

/* 5.4.1: a silence that was longer than the probing of the round trip has ended that. */
static void silence_ends_the_probing_of_the_round_trip(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP / 2, .after = HF_SEC(6), .rtt = RTT + 1);
	assert_int_equal(p->b.state, HF_BBR_PROBE_RTT);
	p->now = hf_time_add(p->now, HF_MS(201));
	hf_bbr_module.resume(&p->g, p->now, RTT);
	assert_int_equal(p->b.state, HF_BBR_CRUISE);
}

/* 5.6.2: 2.77 initial windows in the round trip of the handshake; without one, in a millisecond. */
static void the_first_window_is_spread_over_the_round_trip_if_it_is_known(void **state)
{
	struct path *p = path_new();

	(void)state;
	assert_int_equal(p->g.pacing_rate, UINT64_C(10) * MSS * 277 / 100 * 1000);
	hf_bbr_module.resume(&p->g, p->now, 0);
	assert_int_equal(p->g.pacing_rate, UINT64_C(10) * MSS * 277 / 100 * 1000);
	hf_bbr_module.resume(&p->g, p->now, HF_MS(100));
	assert_int_equal(p->g.pacing_rate, UINT64_C(10) * MSS * 277 / 100 * 10);
	SAYS(p, .rate = 1, .in_flight = BDP); /* whose SRTT is another */
	assert_int_equal(p->g.pacing_rate, UINT64_C(10) * MSS * 277 / 100 * 10);
	SAYS(p, .rate = RATE, .in_flight = BDP);
	hf_bbr_module.resume(&p->g, p->now, HF_MS(1000)); /* known better by now */
	assert_int_equal(p->g.pacing_rate, paced(RATE, 277));
}

/* 5.5.9: what arrives beyond the bandwidth at once widens the window by as much. */
static void acknowledgements_in_lumps_widen_the_window(void **state)
{
	struct path *p = in_cruise();
	uint32_t extra;

	(void)state;
	for (int i = 0; i < 50; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true,
		     .after = HF_MS(4)); /* 10 segments in 4 ms: as the bandwidth has it */
	extra = hf_bbr_extra_acked(&p->b);
	SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = HF_MS(4),
	     .delivered = 60 * MSS);
	assert_in_range(hf_bbr_extra_acked(&p->b), extra > 50 * MSS ? extra : 50 * MSS,
			extra + 61 * MSS);
	for (int i = 0; i < 60; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = HF_MS(4));
	assert_int_equal(p->g.cwnd, 2 * BDP + hf_bbr_extra_acked(&p->b));
}

/* 5.6.4.4: one segment, and four with the next ACK (BBR.MinPipeCwnd); the model stays. */
static void a_time_out_leaves_one_segment_and_the_model(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	hf_congestion_timed_out(&p->g, BDP, true);
	assert_int_equal(p->g.cwnd, MSS);
	assert_int_equal(hf_bbr_max_bw(&p->b), RATE);
	SAYS(p, .rate = RATE, .in_flight = MSS, .delivered = MSS, .same_round = true,
	     .in_recovery = true);
	assert_int_equal(p->g.cwnd, 4 * MSS);
}

/* 5.6.4.4: a recovery that is over has cost nothing of the window. */
static void the_window_from_before_a_recovery_comes_back(void **state)
{
	struct path *p = in_cruise();
	uint32_t before = p->g.cwnd;

	(void)state;
	hf_congestion_timed_out(&p->g, BDP, true);
	SAYS(p, .rate = RATE, .in_flight = MSS, .delivered = MSS, .same_round = true,
	     .in_recovery = true);
	SAYS(p, .rate = RATE, .in_flight = MSS, .delivered = MSS, .same_round = true);
	assert_true(p->g.cwnd >= before);
}

/* RFC 3168 6.1.2: as a loss. Startup is over, and a probe bounds what is in flight at beta. */
static void a_mark_ends_startup_and_probes(void **state)
{
	struct path *p = path_new();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP);
	hf_bbr_module.marked(&p->g);
	assert_true(p->b.full_bw_reached);
	p = in_up();
	for (int i = 0; i < 20; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = 1);
	hf_bbr_module.marked(&p->g);
	assert_int_equal(p->b.inflight_longterm, BDP * 70 / 100);
	/* The probe has had its answer: losses that come with it are of the same congestion. */
	SAYS(p, .rate = RATE, .in_flight = BDP, .tx_in_flight = 60 * MSS, .lost = 4 * MSS,
	     .same_round = true);
	assert_int_equal(p->b.inflight_longterm, BDP * 70 / 100);
}

/* And in between it lowers the short-term bounds at the end of its round. */
static void a_mark_while_cruising_lowers_the_short_term_bounds(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	hf_bbr_module.marked(&p->g);
	assert_int_equal(p->b.inflight_longterm, HF_BBR_VOLUME_NONE);
	p->b.bw_latest = 0;
	SAYS(p, .rate = RATE / 10, .in_flight = BDP / 2, .delivered = MSS);
	assert_int_equal(p->b.bw_shortterm, RATE * 70 / 100);
}

/* 5.5.9: lumps are looked for over a second at most. */
static void a_lump_of_acknowledgements_is_forgotten_after_a_second(void **state)
{
	struct path *p = in_cruise();
	hf_time began;

	(void)state;
	hf_bbr_module.resume(&p->g, p->now, RTT);
	SAYS(p, .rate = RATE, .in_flight = BDP, .delivered = 3000 * MSS, .same_round = true);
	began = p->now;
	SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = HF_SEC(1));
	assert_int_equal(p->b.extra_acked_start.ns, began.ns);
	SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = 1);
	assert_int_equal(p->b.extra_acked_start.ns, p->now.ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_while_cruising_lower_the_short_term_bounds),
		cmocka_unit_test(losses_while_probing_leave_the_short_term_alone),
		cmocka_unit_test(the_bandwidth_is_the_greatest_of_two_cycles),
		cmocka_unit_test(the_product_is_exact_and_bounded),
		cmocka_unit_test(without_losses_nothing_but_the_product_bounds_the_window),
		cmocka_unit_test(after_five_seconds_the_round_trip_is_probed),
		cmocka_unit_test(the_round_trip_is_probed_for_a_round_at_least),
		cmocka_unit_test(
			before_the_pipe_is_full_probing_the_round_trip_leads_back_to_startup),
		cmocka_unit_test(the_shortest_round_trip_is_of_ten_seconds),
		cmocka_unit_test(after_silence_it_sends_at_the_rate_of_the_path),
		cmocka_unit_test(silence_ends_the_probing_of_the_round_trip),
		cmocka_unit_test(the_first_window_is_spread_over_the_round_trip_if_it_is_known),
		cmocka_unit_test(acknowledgements_in_lumps_widen_the_window),
		cmocka_unit_test(a_time_out_leaves_one_segment_and_the_model),
		cmocka_unit_test(the_window_from_before_a_recovery_comes_back),
		cmocka_unit_test(a_mark_ends_startup_and_probes),
		cmocka_unit_test(a_mark_while_cruising_lowers_the_short_term_bounds),
		cmocka_unit_test(a_lump_of_acknowledgements_is_forgotten_after_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
