/* SPDX-License-Identifier: BSD-2-Clause */
/* BBRv3: Startup, Drain and the cycle of probing for bandwidth (draft-ietf-ccwg-bbr-05 5.3). */
#include "tests/unit/bbr_path.h"

/* ---- Startup and Drain ---- */

/* 5.3.1: 2.77 of the bandwidth, and cwnd grows by what is delivered. */
static void startup_paces_at_its_gain_and_grows_by_what_arrives(void **state)
{
	struct path *p = path_new();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_STARTUP);
	assert_int_equal(p->g.pacing_rate, paced(RATE, 277));
	assert_int_equal(p->g.cwnd, 20 * MSS);
	SAYS(p, .rate = 2 * RATE, .in_flight = BDP);
	assert_int_equal(p->g.pacing_rate, paced(2 * RATE, 277));
	assert_int_equal(p->g.cwnd, 30 * MSS);
}

/* 5.3.1.2: three rounds in which it does not grow by a quarter. */
static void startup_ends_after_three_rounds_without_a_quarter_more(void **state)
{
	struct path *p = path_new();

	(void)state;
	for (uint64_t rate = 1000000; rate < 100000000; rate += rate / 4)
		SAYS(p, .rate = rate, .in_flight = 2 * BDP);
	assert_false(p->b.full_bw_reached);
	p = path_new();
	SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
	for (int i = 0; i < 2; i++)
		SAYS(p, .rate = RATE + RATE / 4 - 1, .in_flight = 2 * BDP);
	assert_int_equal(p->b.state, HF_BBR_STARTUP);
	SAYS(p, .rate = RATE + RATE / 4 - 1, .in_flight = 2 * BDP);
	assert_int_equal(p->b.state, HF_BBR_DRAIN);
}

static void rounds_that_the_application_limits_prove_no_plateau(void **state)
{
	struct path *p = path_new();

	(void)state;
	for (int i = 0; i < 20; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .app_limited = true);
	assert_int_equal(p->b.state, HF_BBR_STARTUP);
	/* Nor do ACKs of the same round trip. */
	for (int i = 0; i < 20; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true);
	assert_int_equal(p->b.state, HF_BBR_STARTUP);
}

/* 5.3.1.3: six ACKs with losses in a round of a recovery, and more than 2 % of its octets. */
static bool losses_end_startup(unsigned events, uint32_t lost)
{
	struct path *p = path_new();

	SAYS(p, .rate = RATE, .in_flight = BDP);
	for (unsigned i = 0; i < events; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .lost = MSS, .same_round = true,
		     .in_recovery = true, .after = 1);
	/* The round that began with the first loss ends. */
	SAYS(p, .rate = 2 * RATE, .in_flight = BDP, .lost = lost, .in_recovery = true);
	return p->b.full_bw_reached;
}

static void heavy_losses_end_startup_and_bound_what_is_in_flight(void **state)
{
	struct path *p;

	(void)state;
	assert_true(losses_end_startup(5, 2 * MSS + 1));
	assert_false(losses_end_startup(4, 2 * MSS + 1));
	assert_false(losses_end_startup(5, 2 * MSS));      /* 2 %, and no more */
	assert_true(losses_end_startup(257, 2 * MSS + 1)); /* however many there are */
	p = path_new();
	SAYS(p, .rate = RATE, .in_flight = BDP);
	for (int i = 0; i < 6; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .lost = MSS, .same_round = true,
		     .in_recovery = true);
	SAYS(p, .rate = RATE, .in_flight = 2 * BDP, .lost = 3 * MSS, .in_recovery = true);
	assert_int_equal(p->b.state, HF_BBR_DRAIN);
	assert_int_equal(p->b.inflight_longterm, BDP);
}

/* 5.3.2: half the bandwidth until no more than a bandwidth-delay product is in flight. */
static void drain_paces_at_half_until_the_queue_is_gone(void **state)
{
	struct path *p = path_new();

	(void)state;
	for (int i = 0; i < 4; i++)
		SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
	assert_int_equal(p->b.state, HF_BBR_DRAIN);
	assert_int_equal(p->g.pacing_rate, paced(RATE, 50));
	SAYS(p, .rate = RATE, .in_flight = BDP + 1);
	assert_int_equal(p->b.state, HF_BBR_DRAIN);
	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_CRUISE); /* DOWN has nothing left to do */
}

static void drain_takes_three_rounds_at_most(void **state)
{
	struct path *p = path_new();

	(void)state;
	for (int i = 0; i < 4; i++)
		SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
	for (int i = 0; i < 3; i++)
		SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
	assert_int_equal(p->b.state, HF_BBR_DRAIN);
	SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
	assert_int_equal(p->b.state, HF_BBR_DOWN);
}

/* ---- ProbeBW ---- */

/*
 * 5.3.3, and the table of gains in 5.6.1: pacing 0.9, 1, 1, 1.25, cwnd 2, 2, 2, 2.25 and two
 * segments (5.6.4.2).
 */
static void the_cycle_has_its_states_and_gains(void **state)
{
	struct path *p = in_down();

	(void)state;
	assert_int_equal(p->g.pacing_rate, paced(RATE, 90));
	p = in_cruise();
	assert_int_equal(p->g.pacing_rate, paced(RATE, 100));
	p = in_refill();
	assert_int_equal(p->g.pacing_rate, paced(RATE, 100));
	p = in_up();
	assert_int_equal(p->g.pacing_rate, paced(RATE, 125));
	for (int i = 0; i < 400; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = HF_US(400),
		     .delivered = MSS);
	assert_int_equal(p->g.cwnd, BDP * 9 / 4 + hf_bbr_extra_acked(&p->b) + 2 * MSS);
}

/* 5.3.3.6: not before what is in flight leaves headroom below what the path has borne. */
static void down_ends_when_there_is_headroom(void **state)
{
	struct path *p = in_down();

	(void)state;
	p->b.inflight_longterm = BDP;
	SAYS(p, .rate = RATE, .in_flight = BDP * 85 / 100 + 1);
	assert_int_equal(p->b.state, HF_BBR_DOWN);
	SAYS(p, .rate = RATE, .in_flight = BDP * 85 / 100);
	assert_int_equal(p->b.state, HF_BBR_CRUISE);
	assert_true(p->g.cwnd <= BDP * 85 / 100);
}

/* 5.3.3.8: two to three seconds after the last probe, at random. */
static void a_probe_comes_after_two_to_three_seconds(void **state)
{
	hf_ns least = HF_SEC(9), most = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 200; seed++) {
		struct path *p = path_new();
		hf_ns wait;

		hf_bbr_init(&p->b, seed * 2654435761u);
		for (int i = 0; i < 8; i++)
			SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
		assert_int_equal(p->b.state, HF_BBR_DOWN);
		wait = p->b.probe_wait;
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
		SAYS(p, .rate = RATE, .in_flight = BDP, .after = wait);
		assert_int_equal(p->b.state, HF_BBR_CRUISE);
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = 1);
		assert_int_equal(p->b.state, HF_BBR_REFILL);
	}
	assert_true(least >= HF_SEC(2) && least < HF_SEC(2) + HF_MS(50));
	assert_true(most > HF_SEC(3) - HF_MS(50) && most < HF_SEC(3));
}

/* 5.3.3.8: as often as Reno would need to fill the pipe, but every 63 rounds at least. */
static void a_probe_comes_as_often_as_renos_would(void **state)
{
	unsigned rounds = 0;
	struct path *p = in_cruise();

	(void)state;
	for (; p->b.state == HF_BBR_CRUISE; rounds++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .after = HF_MS(10), .rtt = RTT);
	assert_in_range(rounds, 61, 63); /* DOWN had one, and one or none at random */
	p = in_cruise();
	p->g.cwnd = 20 * MSS; /* 20 segments are all that is allowed */
	p->b.inflight_longterm = 24 * MSS;
	for (rounds = 0; p->b.state == HF_BBR_CRUISE; rounds++)
		SAYS(p, .rate = RATE, .in_flight = 10 * MSS, .after = HF_MS(10), .rtt = RTT,
		     .tx_in_flight = 10 * MSS);
	assert_in_range(rounds, 17, 20);
}

/* 5.3.3.3: it lasts a round trip, with the short-term bounds gone. */
static void refill_forgets_the_short_term_and_lasts_one_round(void **state)
{
	struct path *p = in_cruise();

	(void)state;
	p->b.bw_shortterm = RATE / 2;
	p->b.inflight_shortterm = BDP / 2;
	SAYS(p, .rate = RATE, .in_flight = BDP, .after = p->b.probe_wait);
	assert_int_equal(p->b.state, HF_BBR_REFILL);
	assert_true(p->b.bw_shortterm == HF_BBR_BW_NONE);
	assert_int_equal(p->b.inflight_shortterm, HF_BBR_VOLUME_NONE);
	for (int i = 0; i < 5; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = 1);
	assert_int_equal(p->b.state, HF_BBR_REFILL);
	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_UP);
}

/* 5.3.3.4: three rounds without a quarter more, as in Startup. */
static void up_ends_when_nothing_more_is_delivered(void **state)
{
	struct path *p = in_up();

	(void)state;
	for (int i = 0; i < 2; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_UP);
	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_DOWN);
}

/* 5.3.3.6, 5.5.10.2: and at once when too much is lost, which bounds what is in flight. */
static void up_ends_with_losses_of_more_than_two_percent(void **state)
{
	struct path *p = in_up();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = BDP, .tx_in_flight = 150 * MSS, .lost = 3 * MSS,
	     .same_round = true);
	assert_int_equal(p->b.state, HF_BBR_UP);
	assert_int_equal(p->b.inflight_longterm, HF_BBR_VOLUME_NONE);
	SAYS(p, .rate = RATE, .in_flight = 150 * MSS, .tx_in_flight = 150 * MSS, .lost = 4 * MSS,
	     .same_round = true);
	assert_int_equal(p->b.state, HF_BBR_DOWN);
	/* Of 149 segments before the last one 2.98 may be lost, and three were. */
	assert_int_equal(p->b.inflight_longterm, 149 * MSS);
}

/* 5.5.10.2: as much more than what was before the last segment as would still be under 2 %. */
static void the_bound_is_where_the_losses_passed_two_percent(void **state)
{
	struct path *p = in_up();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = 160 * MSS, .tx_in_flight = 160 * MSS, .lost = 4 * MSS,
	     .same_round = true);
	/* 2 % of 159 segments are 3180 octets, and 3000 were lost: 180 / 0.98 more. */
	assert_int_equal(p->b.inflight_longterm, 159 * MSS + 183);
}

/* 5.3.3.6: what the application limits ends a probe, and bounds nothing. */
static void losses_of_what_the_application_limits_bound_nothing(void **state)
{
	struct path *p = in_up();

	(void)state;
	SAYS(p, .rate = RATE, .in_flight = 150 * MSS, .tx_in_flight = 50 * MSS, .lost = 4 * MSS,
	     .same_round = true, .app_limited = true);
	assert_int_equal(p->b.state, HF_BBR_DOWN);
	assert_int_equal(p->b.inflight_longterm, HF_BBR_VOLUME_NONE);
}

/* 5.5.10.2: never under beta of what is aimed at. */
static void a_loss_bounds_what_is_in_flight_at_beta_at_least(void **state)
{
	struct path *p = in_up();

	(void)state;
	for (int i = 0; i < 20; i++)
		SAYS(p, .rate = RATE, .in_flight = BDP, .same_round = true, .after = 1);
	SAYS(p, .rate = RATE, .in_flight = BDP, .tx_in_flight = 20 * MSS, .lost = 4 * MSS,
	     .same_round = true);
	assert_int_equal(p->b.inflight_longterm, BDP * 70 / 100);
}

/* 5.3.3.4: by 1, 2, 4, 8 segments a round trip, while cwnd is what limits. */
static void up_raises_the_bound_by_twice_as_much_each_round(void **state)
{
	struct path *p = in_refill();
	uint32_t before = 40 * MSS;

	(void)state;
	p->b.inflight_longterm = p->g.cwnd = before;
	SAYS(p, .rate = RATE, .in_flight = before, .tx_in_flight = before, .cwnd_limited = true);
	assert_int_equal(p->b.state, HF_BBR_UP);
	assert_int_equal(p->g.cwnd, before);
	for (uint32_t step = 1; step <= 8; step *= 2) {
		/* A round: a whole window is acknowledged, and the slope is steeper then. */
		for (uint32_t left = p->g.cwnd; left > 0; left -= MSS)
			SAYS(p, .rate = RATE, .in_flight = before, .tx_in_flight = before,
			     .same_round = left > MSS, .after = HF_MS(1), .rtt = RTT,
			     .delivered = MSS, .cwnd_limited = true);
		assert_in_range(p->b.inflight_longterm, before + step * MSS * 3 / 4,
				before + step * MSS * 5 / 4 + MSS);
		before = p->b.inflight_longterm;
		assert_int_equal(p->b.state, HF_BBR_UP);
		assert_true(p->g.cwnd <= before);
	}
	/* Not while there is room in cwnd. */
	SAYS(p, .rate = RATE, .in_flight = BDP, .tx_in_flight = before, .delivered = 100 * MSS,
	     .same_round = true);
	assert_int_equal(p->b.inflight_longterm, before);
}

/* And by no more than the window, however long that goes on. */
static void a_probe_of_many_rounds_is_as_steep_as_can_be(void **state)
{
	struct path *p = in_refill();

	(void)state;
	p->b.inflight_longterm = p->g.cwnd = 40 * MSS;
	for (int i = 0; i < 200; i++) {
		uint32_t before = p->b.inflight_longterm;

		p->g.cwnd = before;
		SAYS(p, .rate = RATE, .in_flight = before, .tx_in_flight = before,
		     .after = HF_MS(1), .rtt = RTT, .cwnd_limited = true, .app_limited = true);
		assert_int_equal(p->b.state, HF_BBR_UP);
		assert_true(p->b.inflight_longterm >= before);
	}
	assert_int_equal(p->b.inflight_longterm, HF_CWND_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(startup_paces_at_its_gain_and_grows_by_what_arrives),
		cmocka_unit_test(startup_ends_after_three_rounds_without_a_quarter_more),
		cmocka_unit_test(rounds_that_the_application_limits_prove_no_plateau),
		cmocka_unit_test(heavy_losses_end_startup_and_bound_what_is_in_flight),
		cmocka_unit_test(drain_paces_at_half_until_the_queue_is_gone),
		cmocka_unit_test(drain_takes_three_rounds_at_most),
		cmocka_unit_test(the_cycle_has_its_states_and_gains),
		cmocka_unit_test(down_ends_when_there_is_headroom),
		cmocka_unit_test(a_probe_comes_after_two_to_three_seconds),
		cmocka_unit_test(a_probe_comes_as_often_as_renos_would),
		cmocka_unit_test(refill_forgets_the_short_term_and_lasts_one_round),
		cmocka_unit_test(up_ends_when_nothing_more_is_delivered),
		cmocka_unit_test(up_ends_with_losses_of_more_than_two_percent),
		cmocka_unit_test(the_bound_is_where_the_losses_passed_two_percent),
		cmocka_unit_test(losses_of_what_the_application_limits_bound_nothing),
		cmocka_unit_test(a_loss_bounds_what_is_in_flight_at_beta_at_least),
		cmocka_unit_test(up_raises_the_bound_by_twice_as_much_each_round),
		cmocka_unit_test(a_probe_of_many_rounds_is_as_steep_as_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
