/* SPDX-License-Identifier: BSD-2-Clause */
/* HyStart++ beside the text of RFC 9406 4.2 and 4.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/hystart.h"

#define ROUND 20000u /* octets between two window ends */
#define SAMPLES 8    /* N_RTT_SAMPLE */
#define OCTETS 1000u

struct run {
	hf_hystart h;
	uint32_t una;
	uint32_t grown; /* octets by which the last ACK lets cwnd grow */
};

static struct run start(void)
{
	struct run r = { .una = 1 };

	hf_hystart_begin(&r.h);
	return r;
}

/* One ACK inside the round, with this sample (0: none). True: slow start is over. */
static bool ack(struct run *r, hf_ns rtt)
{
	hf_congestion_ack a = { .una = { r->una }, .nxt = { r->una + ROUND }, .rtt = rtt };

	r->grown = OCTETS;
	return hf_hystart_acked(&r->h, &a, &r->grown);
}

/* `n` samples of a new round. True: slow start is over. */
static bool round_of(struct run *r, unsigned n, hf_ns rtt)
{
	bool is_over = false;

	r->una += ROUND;
	for (unsigned i = 0; i < n; i++)
		is_over |= ack(r, rtt);
	return is_over;
}

static bool is_conservative(struct run *r)
{
	return r->h.is_css;
}

/* A round with the first, one with the second round trip time: does that end slow start? */
static bool judges(hf_ns first, hf_ns second, unsigned samples)
{
	struct run r = start();

	assert_false(round_of(&r, SAMPLES, first));
	assert_false(round_of(&r, samples, second));
	return is_conservative(&r);
}

static void the_threshold_is_an_eighth_of_the_round_trip(void **state)
{
	(void)state;
	assert_false(judges(HF_MS(80), HF_MS(90) - 1, SAMPLES));
	assert_true(judges(HF_MS(80), HF_MS(90), SAMPLES));
}

static void the_threshold_is_four_ms_at_least(void **state)
{
	(void)state;
	assert_false(judges(HF_MS(10), HF_MS(14) - 1, SAMPLES));
	assert_true(judges(HF_MS(10), HF_MS(14), SAMPLES));
}

static void the_threshold_is_sixteen_ms_at_most(void **state)
{
	(void)state;
	assert_false(judges(HF_MS(400), HF_MS(416) - 1, SAMPLES));
	assert_true(judges(HF_MS(400), HF_MS(416), SAMPLES));
}

static void fewer_than_eight_samples_prove_nothing(void **state)
{
	(void)state;
	assert_false(judges(HF_MS(10), HF_MS(100), SAMPLES - 1));
	assert_true(judges(HF_MS(10), HF_MS(100), SAMPLES));
}

static void an_ack_without_a_sample_does_not_count(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	round_of(&r, SAMPLES - 1, HF_MS(100));
	ack(&r, 0);
	assert_false(is_conservative(&r));
	ack(&r, HF_MS(100));
	assert_true(is_conservative(&r));
}

static void one_fast_answer_in_the_round_is_its_minimum(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	round_of(&r, 1, HF_MS(11));
	for (unsigned i = 0; i < SAMPLES; i++)
		ack(&r, HF_MS(100));
	assert_false(is_conservative(&r));
}

static void the_first_round_is_compared_with_nothing(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, 2 * SAMPLES, HF_MS(500));
	assert_false(is_conservative(&r));
}

static void conservative_slow_start_grows_by_a_quarter(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	assert_int_equal(r.grown, OCTETS);
	round_of(&r, SAMPLES, HF_MS(20));
	assert_true(is_conservative(&r));
	assert_int_equal(r.grown, OCTETS / 4);
}

static void no_octet_is_lost_to_rounding(void **state)
{
	struct run r = start();
	uint32_t sum = 0;

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	round_of(&r, SAMPLES, HF_MS(20));
	for (unsigned i = 0; i < 8; i++) {
		hf_congestion_ack a = { .una = { r.una }, .nxt = { r.una + ROUND } };
		uint32_t octets = 3;

		hf_hystart_acked(&r.h, &a, &octets);
		sum += octets;
	}
	assert_int_equal(sum, 8 * 3 / 4);
}

static void five_conservative_rounds_end_slow_start(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	for (unsigned i = 0; i < 5; i++) /* the first is the one in which it began (4.2) */
		assert_false(round_of(&r, SAMPLES, HF_MS(20)));
	assert_true(round_of(&r, 1, HF_MS(20)));
}

static void a_shorter_round_trip_resumes_slow_start(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	round_of(&r, SAMPLES, HF_MS(20));
	assert_true(is_conservative(&r));
	round_of(&r, SAMPLES, HF_MS(20));
	assert_true(is_conservative(&r)); /* it is no less than the baseline */
	round_of(&r, SAMPLES, HF_MS(20) - 1);
	assert_false(is_conservative(&r));
	assert_int_equal(r.grown, OCTETS);
}

static void rounds_are_counted_anew_after_slow_start_was_resumed(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	for (unsigned i = 0; i < 4; i++)
		round_of(&r, SAMPLES, HF_MS(20));
	round_of(&r, SAMPLES, HF_MS(15));
	assert_false(is_conservative(&r));
	for (unsigned i = 0; i < 5; i++)
		assert_false(round_of(&r, SAMPLES, HF_MS(40)));
	assert_true(round_of(&r, 1, HF_MS(40)));
}

/* However many there are: ACKs of a large window are more than an octet counts. */
static void one_faster_answer_among_hundreds_resumes_slow_start(void **state)
{
	struct run r = start();

	(void)state;
	round_of(&r, SAMPLES, HF_MS(10));
	round_of(&r, SAMPLES, HF_MS(20));
	round_of(&r, 256, HF_MS(20));
	assert_true(is_conservative(&r));
	ack(&r, HF_MS(15));
	assert_false(is_conservative(&r));
}

/* A sample at `at` on a path whose shortest round trip is 40 ms. True: slow start is over. */
static bool sample(struct run *r, hf_ns at, hf_ns rtt)
{
	hf_congestion_ack a = { .now = { at },
				.una = { r->una },
				.nxt = { r->una + ROUND },
				.rtt = rtt,
				.min_rtt = HF_MS(40) };

	r->grown = OCTETS;
	return hf_hystart_acked(&r->h, &a, &r->grown);
}

/*
 * Beyond the RFC: samples that are all a quarter longer than the shortest, for a quarter of one,
 * are a queue. One that is not begins it anew.
 */
static void a_quarter_of_a_round_trip_of_long_samples_ends_slow_start(void **state)
{
	struct run r = start();
	hf_ns at = HF_SEC(1);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_false(sample(&r, at + HF_MS(i), HF_MS(51)));
	assert_false(sample(&r, at + HF_MS(10), HF_MS(50))); /* not longer by more than a quarter */
	at += HF_MS(11);
	for (int i = 0; i < 10; i++)
		assert_false(sample(&r, at + HF_MS(i), HF_MS(51)));
	assert_false(sample(&r, at + HF_MS(10), 0)); /* no sample */
	assert_true(sample(&r, at + HF_MS(10), HF_MS(51)));
}

static void few_long_samples_do_not_end_slow_start(void **state)
{
	struct run r = start();

	(void)state;
	for (int i = 0; i < SAMPLES - 1; i++)
		assert_false(sample(&r, HF_SEC(1 + i), HF_MS(99)));
	assert_true(sample(&r, HF_SEC(1 + SAMPLES), HF_MS(99)));
}

static void on_a_short_path_eight_ms_are_a_queue(void **state)
{
	(void)state;
	assert_false(hf_congestion_shows_queue(HF_MS(9), HF_MS(1)));
	assert_true(hf_congestion_shows_queue(HF_MS(9) + 1, HF_MS(1)));
	assert_false(hf_congestion_shows_queue(HF_MS(50), HF_MS(40)));
	assert_true(hf_congestion_shows_queue(HF_MS(50) + 1, HF_MS(40)));
	assert_false(hf_congestion_shows_queue(HF_SEC(1), 0)); /* nothing to compare with */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_threshold_is_an_eighth_of_the_round_trip),
		cmocka_unit_test(the_threshold_is_four_ms_at_least),
		cmocka_unit_test(the_threshold_is_sixteen_ms_at_most),
		cmocka_unit_test(fewer_than_eight_samples_prove_nothing),
		cmocka_unit_test(an_ack_without_a_sample_does_not_count),
		cmocka_unit_test(one_fast_answer_in_the_round_is_its_minimum),
		cmocka_unit_test(the_first_round_is_compared_with_nothing),
		cmocka_unit_test(conservative_slow_start_grows_by_a_quarter),
		cmocka_unit_test(no_octet_is_lost_to_rounding),
		cmocka_unit_test(five_conservative_rounds_end_slow_start),
		cmocka_unit_test(a_shorter_round_trip_resumes_slow_start),
		cmocka_unit_test(one_faster_answer_among_hundreds_resumes_slow_start),
		cmocka_unit_test(rounds_are_counted_anew_after_slow_start_was_resumed),
		cmocka_unit_test(a_quarter_of_a_round_trip_of_long_samples_ends_slow_start),
		cmocka_unit_test(few_long_samples_do_not_end_slow_start),
		cmocka_unit_test(on_a_short_path_eight_ms_are_a_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
