/* SPDX-License-Identifier: BSD-2-Clause */
/* The round-trip estimator: RFC 6298 by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/rtt.h"

static const hf_config linux_like = {
	.profile = HF_PROFILE_LINUX,
	.min_rto = HF_MS(200),
	.max_rto = HF_SEC(120),
};
static const hf_config by_the_rfc = {
	.profile = HF_PROFILE_RFC,
	.min_rto = HF_MS(200),
	.max_rto = HF_SEC(60),
};

static hf_rtt after(const hf_config *config, const hf_ns *samples, unsigned count)
{
	hf_rtt r;

	hf_rtt_init(&r);
	for (unsigned i = 0; i < count; i++)
		hf_rtt_sample(&r, config, samples[i]);
	return r;
}

static void without_a_sample_the_timeout_is_one_second(void **state)
{
	hf_rtt r;

	(void)state;
	hf_rtt_init(&r);
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(1)); /* (2.1) */
	assert_int_equal(r.srtt, 0);
}

static void the_first_sample_sets_both_averages(void **state)
{
	hf_rtt r = after(&by_the_rfc, (hf_ns[]){ HF_MS(800) }, 1);

	(void)state;
	assert_int_equal(r.srtt, HF_MS(800)); /* (2.2) */
	assert_int_equal(r.rttvar, HF_MS(400));
	assert_int_equal(r.rto, HF_MS(2400)); /* R + 4 * R / 2 */
}

static void later_samples_move_them_by_a_quarter_and_an_eighth(void **state)
{
	hf_rtt r = after(&by_the_rfc, (hf_ns[]){ HF_MS(800), HF_MS(1600) }, 2);

	(void)state;
	/* RTTVAR first, with the old SRTT (2.3). */
	assert_int_equal(r.rttvar, HF_MS(500)); /* 3/4 * 400 + 1/4 * 800 */
	assert_int_equal(r.srtt, HF_MS(900));   /* 7/8 * 800 + 1/8 * 1600 */
	assert_int_equal(r.rto, HF_MS(2900));
	hf_rtt_sample(&r, &by_the_rfc, HF_MS(100));
	assert_int_equal(r.rttvar, HF_MS(575)); /* 3/4 * 500 + 1/4 * 800 */
	assert_int_equal(r.srtt, HF_MS(800));
}

static void the_smallest_sample_is_remembered_for_five_minutes(void **state)
{
	hf_rtt r;

	(void)state;
	hf_rtt_init(&r);
	assert_int_equal(r.min, 0);
	hf_rtt_sample_since(&r, &by_the_rfc, (hf_time){ 0 }, (hf_time){ HF_MS(50) });
	assert_int_equal(r.min, HF_MS(50));
	hf_rtt_note_min(&r, HF_MS(60), (hf_time){ HF_SEC(100) });
	assert_int_equal(r.min, HF_MS(50));
	hf_rtt_note_min(&r, HF_MS(40), (hf_time){ HF_SEC(200) });
	assert_int_equal(r.min, HF_MS(40));
	hf_rtt_note_min(&r, HF_MS(45), (hf_time){ HF_SEC(500) });
	assert_int_equal(r.min, HF_MS(40));
	hf_rtt_note_min(&r, HF_MS(45), (hf_time){ HF_SEC(500) + 1 });
	assert_int_equal(r.min, HF_MS(45));
	assert_int_equal(r.srtt, HF_MS(50)); /* it has no part in the average */
	/* Seen again it is as good as new. */
	hf_rtt_note_min(&r, HF_MS(45), (hf_time){ HF_SEC(700) });
	hf_rtt_note_min(&r, HF_MS(46), (hf_time){ HF_SEC(1000) });
	assert_int_equal(r.min, HF_MS(45));
	hf_rtt_note_min(&r, HF_MS(46), (hf_time){ HF_SEC(1000) + 1 });
	assert_int_equal(r.min, HF_MS(46));
}

static void a_steady_path_brings_the_timeout_down_to_its_minimum(void **state)
{
	hf_rtt rfc, tight;

	(void)state;
	hf_rtt_init(&rfc);
	hf_rtt_init(&tight);
	for (int i = 0; i < 200; i++) {
		hf_rtt_sample(&rfc, &by_the_rfc, HF_MS(50));
		hf_rtt_sample(&tight, &linux_like, HF_MS(50));
	}
	assert_int_equal(rfc.rto, HF_SEC(1)); /* (2.4) */
	assert_int_equal(tight.rto, HF_MS(250));
	assert_int_equal(tight.srtt, HF_MS(50));
	assert_true(tight.rttvar < HF_US(1));
}

static void the_timeout_has_an_upper_limit(void **state)
{
	hf_rtt r = after(&by_the_rfc, (hf_ns[]){ HF_SEC(50) }, 1);

	(void)state;
	assert_int_equal(r.rto, HF_SEC(60)); /* (2.5) */
}

static void each_back_off_doubles_the_wait_and_a_sample_ends_it(void **state)
{
	hf_rtt r = after(&by_the_rfc, (hf_ns[]){ HF_SEC(1) }, 1);

	(void)state;
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(3));
	hf_rtt_back_off(&r);
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(6)); /* (5.5) */
	hf_rtt_back_off(&r);
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(12));
	hf_rtt_back_off(&r);
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(24));
	hf_rtt_back_off(&r);
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(48));
	for (int i = 0; i < 1000; i++) {
		hf_rtt_back_off(&r);
		assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(60));
	}
	hf_rtt_sample(&r, &by_the_rfc, HF_SEC(1));
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_MS(2500));
}

static void after_a_spurious_timeout_the_averages_take_the_sample_in_full(void **state)
{
	hf_rtt r = after(&linux_like, (hf_ns[]){ HF_MS(100) }, 1);

	(void)state;
	hf_rtt_adapt(&r, &linux_like, HF_MS(400)); /* RFC 4015 4 */
	assert_int_equal(r.srtt, HF_MS(400));
	assert_int_equal(r.rttvar, HF_MS(200));
	assert_int_equal(r.rto, HF_MS(1200));
	hf_rtt_adapt(&r, &linux_like, HF_MS(90)); /* never down */
	assert_int_equal(r.rto, HF_MS(1200));
}

static void after_a_lost_syn_it_is_three_seconds(void **state)
{
	hf_rtt r;

	(void)state;
	hf_rtt_init(&r);
	hf_rtt_back_off(&r);
	hf_rtt_after_lost_syn(&r);
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(3)); /* (5.7) */
	hf_rtt_sample(&r, &by_the_rfc, HF_MS(10));
	assert_int_equal(hf_rtt_wait(&r, &by_the_rfc), HF_SEC(1));
}

static void an_answer_within_the_same_instant_is_a_sample_too(void **state)
{
	hf_time now = { HF_SEC(5) };
	hf_rtt r;

	(void)state;
	hf_rtt_init(&r);
	hf_rtt_sample_since(&r, &linux_like, now, now);
	assert_in_range(r.srtt, 1, HF_US(1));
	assert_in_range(r.rto, HF_MS(200), HF_MS(201));
	hf_rtt_sample_since(&r, &linux_like, (hf_time){ HF_SEC(4) }, now);
	assert_in_range(r.srtt, HF_MS(125), HF_MS(125) + 1); /* 1/8 of a second */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_sample_the_timeout_is_one_second),
		cmocka_unit_test(the_first_sample_sets_both_averages),
		cmocka_unit_test(later_samples_move_them_by_a_quarter_and_an_eighth),
		cmocka_unit_test(the_smallest_sample_is_remembered_for_five_minutes),
		cmocka_unit_test(a_steady_path_brings_the_timeout_down_to_its_minimum),
		cmocka_unit_test(the_timeout_has_an_upper_limit),
		cmocka_unit_test(each_back_off_doubles_the_wait_and_a_sample_ends_it),
		cmocka_unit_test(after_a_spurious_timeout_the_averages_take_the_sample_in_full),
		cmocka_unit_test(after_a_lost_syn_it_is_three_seconds),
		cmocka_unit_test(an_answer_within_the_same_instant_is_a_sample_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
