/* SPDX-License-Identifier: BSD-2-Clause */
/* BBRv3's answers to losses and to recoveries that were needless (draft-ietf-ccwg-bbr-05). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/bbr.h"

#define MSS 1000u
#define FLIGHT (100 * MSS)

/* A connection at the beginning of Startup. */
static hf_congestion start(hf_bbr *b)
{
	hf_congestion g = {
		.cwnd = FLIGHT,
		.ssthresh = HF_CWND_MAX,
		.mss = MSS,
		.module = HF_CONGESTION_BBR,
		.bbr = b,
	};

	hf_bbr_init(b, 7);
	hf_bbr_module.begin(&g);
	return g;
}

/* An ACK in a recovery: of a flight of which so much was lost, `lost` of it told only now. */
static hf_congestion_ack in_recovery(bool sack, uint32_t lost, uint32_t lost_of_flight)
{
	return (hf_congestion_ack){
		.now = { HF_SEC(1) },
		.octets = MSS,
		.delivered = MSS,
		.lost = lost,
		.in_flight = FLIGHT / 2,
		.srtt = HF_MS(40),
		.in_recovery = true,
		.sack = sack,
		.rate = { .is_valid = true,
			  .rate = 1000000,
			  .delivered = MSS,
			  .lost = lost_of_flight,
			  .tx_in_flight = FLIGHT,
			  .total = FLIGHT },
	};
}

/* Is Startup over after this ACK? */
static bool ends_startup(hf_congestion_ack ack)
{
	hf_bbr b;
	hf_congestion g = start(&b);

	hf_bbr_module.model(&g, &ack);
	return b.full_bw_reached;
}

/* 5.3.1.3: without SACK any loss does, once; an ACK that tells of no new one does not. */
static void without_sack_a_loss_ends_startup(void **state)
{
	(void)state;
	assert_true(ends_startup(in_recovery(false, MSS, FLIGHT / 10)));
	assert_false(ends_startup(in_recovery(false, 0, FLIGHT / 10)));
}

/* With SACK one loss in a round is not enough. */
static void a_single_loss_does_not_end_startup(void **state)
{
	(void)state;
	assert_false(ends_startup(in_recovery(true, MSS, FLIGHT / 10)));
}

/* 5.5.11.2: what the losses have made of the model is undone with them. */
static void a_needless_recovery_gives_the_model_back(void **state)
{
	hf_bbr b;
	hf_congestion g = start(&b);

	(void)state;
	b.state = HF_BBR_CRUISE;
	b.full_bw_reached = true;
	b.bw_shortterm = 5000;
	b.inflight_shortterm = 50 * MSS;
	b.inflight_longterm = 80 * MSS;
	(void)hf_bbr_module.reduce(&g, FLIGHT);
	b.bw_shortterm = 4000;
	b.inflight_shortterm = 40 * MSS;
	b.inflight_longterm = 60 * MSS;
	b.loss_in_round = true;
	hf_bbr_module.undo(&g);
	assert_int_equal(b.bw_shortterm, 5000);
	assert_int_equal(b.inflight_shortterm, 50 * MSS);
	assert_int_equal(b.inflight_longterm, 80 * MSS);
	assert_false(b.loss_in_round);
	assert_int_equal(b.state, HF_BBR_CRUISE);
}

/* A recovery begins in one state and leads to another, and then turns out to be needless. */
static hf_bbr needless(uint8_t before, uint8_t after)
{
	hf_bbr b;
	hf_congestion g = start(&b);

	b.state = before;
	(void)hf_bbr_module.reduce(&g, FLIGHT);
	b.state = after;
	b.full_bw_reached = true;
	hf_bbr_module.undo(&g);
	return b;
}

static void a_needless_recovery_goes_back_to_startup(void **state)
{
	hf_bbr b = needless(HF_BBR_STARTUP, HF_BBR_DRAIN);

	(void)state;
	assert_int_equal(b.state, HF_BBR_STARTUP);
	assert_false(b.full_bw_reached);
}

static void a_needless_recovery_goes_on_with_the_probe_that_it_ended(void **state)
{
	hf_bbr b = needless(HF_BBR_UP, HF_BBR_DOWN);

	(void)state;
	assert_int_equal(b.state, HF_BBR_UP);
	assert_true(b.probe_samples);
	assert_true(b.full_bw_reached);
}

static void probing_the_round_trip_and_what_is_no_probe_go_on_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(needless(HF_BBR_UP, HF_BBR_PROBE_RTT).state, HF_BBR_PROBE_RTT);
	assert_int_equal(needless(HF_BBR_STARTUP, HF_BBR_PROBE_RTT).state, HF_BBR_PROBE_RTT);
	assert_int_equal(needless(HF_BBR_CRUISE, HF_BBR_DOWN).state, HF_BBR_DOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_sack_a_loss_ends_startup),
		cmocka_unit_test(a_single_loss_does_not_end_startup),
		cmocka_unit_test(a_needless_recovery_gives_the_model_back),
		cmocka_unit_test(a_needless_recovery_goes_back_to_startup),
		cmocka_unit_test(a_needless_recovery_goes_on_with_the_probe_that_it_ended),
		cmocka_unit_test(probing_the_round_trip_and_what_is_no_probe_go_on_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
