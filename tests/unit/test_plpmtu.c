/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for the largest packet that a path carries (RFC 4821 7, RFC 8899 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/plpmtu.h"

static const hf_plpmtu_rules rules = { .threshold = 8, .interval = HF_SEC(600) };
static const hf_time start = { HF_SEC(1000) };

static hf_time after(hf_ns d)
{
	return hf_time_add(start, d);
}

/* Sends the next probe, if there is one, over a path that carries `mtu`. Returns its size. */
static uint32_t step(hf_plpmtu *p, uint32_t mtu, hf_time now)
{
	uint32_t size = hf_plpmtu_next(p, &rules, now);

	p->probed = size;
	if (size > mtu)
		hf_plpmtu_lost(p);
	else if (size > 0)
		hf_plpmtu_arrived(p);
	assert_int_equal(p->probed, 0);
	return size;
}

/* Probes until nothing is left to be tried; returns how many it took. */
static unsigned search(hf_plpmtu *p, uint32_t mtu, hf_time now)
{
	unsigned n = 0;

	while (step(p, mtu, now) > 0)
		assert_true(++n < 100);
	return n;
}

static void what_lies_between_is_halved(void **state)
{
	static const uint32_t sizes[] = { 1282, 1391, 1445, 1472, 1486, 1493, 1500 };
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1064, 1500);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(step(&p, 1500, start), sizes[i]);
	assert_int_equal(step(&p, 1500, start), 0);
	assert_int_equal(p.low, 1500);
}

static void every_path_is_found_up_to_the_threshold(void **state)
{
	(void)state;
	for (uint32_t mtu = 1064; mtu <= 9000; mtu += 13) {
		hf_plpmtu p;

		hf_plpmtu_begin(&p, 1064, 9000);
		assert_true(search(&p, mtu, start) <= 3 * 14);
		assert_true(p.low <= mtu && p.low + rules.threshold > mtu);
	}
}

static void one_loss_may_be_congestion_and_three_are_an_answer(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1000, 2000);
	assert_int_equal(step(&p, 1400, start), 1500);
	assert_int_equal(step(&p, 1400, start), 1500);
	assert_int_equal(p.high, 2000);
	assert_int_equal(step(&p, 1400, start), 1500);
	assert_int_equal(p.high, 1499);
	/* Losses of one size are not those of another. */
	assert_int_equal(step(&p, 1400, start), 1249);
	assert_int_equal(p.losses, 0);
	assert_int_equal(p.low, 1249);
}

static void an_inconclusive_probe_is_repeated_and_not_counted(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1000, 2000);
	for (unsigned i = 0; i < 10; i++) {
		p.probed = hf_plpmtu_next(&p, &rules, start);
		assert_int_equal(p.probed, 1500);
		hf_plpmtu_inconclusive(&p);
		assert_int_equal(p.probed, 0);
	}
	assert_int_equal(p.losses, 0);
	assert_int_equal(p.high, 2000);
}

static void a_finished_search_rests_and_begins_anew(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1000, 1500);
	search(&p, 1300, start);
	assert_true(p.is_complete);
	assert_int_equal(hf_plpmtu_next(&p, &rules, after(HF_SEC(600) - 1)), 0);
	/* PMTU_RAISE_TIMER (RFC 8899 5.1.1): the path has grown. */
	assert_true(hf_plpmtu_next(&p, &rules, after(HF_SEC(600))) > 1300);
	search(&p, 1500, after(HF_SEC(600)));
	assert_int_equal(p.low, 1500);
	/* Nothing is left that could be gained. */
	assert_int_equal(hf_plpmtu_next(&p, &rules, after(HF_SEC(6000))), 0);
}

static void what_got_through_before_is_tried_first(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 552, 9000);
	p.favourite = 1500;
	assert_int_equal(step(&p, 1500, start), 1500);
	assert_int_equal(p.low, 1500);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 5250);

	hf_plpmtu_begin(&p, 552, 1500);
	p.favourite = 1500;
	for (unsigned i = 0; i < HF_PLPMTU_MAX_PROBES; i++)
		assert_int_equal(step(&p, 1300, start), 1500);
	assert_int_equal(step(&p, 1300, start), 1025);
}

static void a_router_s_word_is_tried_next(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1000, 1500);
	hf_plpmtu_told(&p, 1400);
	assert_int_equal(step(&p, 1400, start), 1400);
	assert_int_equal(step(&p, 1400, start), 0);
	hf_plpmtu_told(&p, 1450); /* above what is known: no news */
	assert_int_equal(p.high, 1400);
	hf_plpmtu_told(&p, 900);
	assert_int_equal(p.low, 900);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 0);
	p.ceiling = 1500;
	hf_plpmtu_raise(&p);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 1200);
}

/* Options that a packet might have had, and has not, make it smaller than was meant. */
static void a_probe_that_turned_out_small_ends_the_search(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1400, 1410);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 1405);
	p.probed = 1394;
	hf_plpmtu_arrived(&p);
	assert_int_equal(p.low, 1400);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 0);
	assert_int_equal(hf_plpmtu_next(&p, &rules, after(HF_SEC(600))), 1405);
	p.probed = 1401;
	hf_plpmtu_arrived(&p);
	assert_int_equal(p.low, 1401);
}

static void a_threshold_of_one_finds_the_last_octet(void **state)
{
	const hf_plpmtu_rules fine = { .threshold = 1, .interval = HF_SEC(600) };
	hf_plpmtu p;

	(void)state;
	for (uint32_t mtu = 1000; mtu <= 1100; mtu++) {
		hf_plpmtu_begin(&p, 1000, 1100);
		while ((p.probed = hf_plpmtu_next(&p, &fine, start)) > 0) {
			if (p.probed <= mtu)
				hf_plpmtu_arrived(&p);
			else
				hf_plpmtu_lost(&p);
		}
		assert_int_equal(p.low, mtu);
	}
}

/* RFC 8899 5.1.4: PROBE_COUNT is that of one size, and begins anew with whatever ends it. */
static void losses_are_counted_of_one_size_alone(void **state)
{
	hf_plpmtu p;

	(void)state;
	for (unsigned what = 0; what < 4; what++) {
		uint32_t high;

		hf_plpmtu_begin(&p, 1000, 2000);
		assert_int_equal(step(&p, 1400, start), 1500);
		assert_int_equal(step(&p, 1400, start), 1500);
		if (what == 0) { /* it arrives at last */
			assert_int_equal(step(&p, 1500, start), 1500);
		} else if (what == 1) { /* it is lost for good */
			assert_int_equal(step(&p, 1400, start), 1500);
		} else if (what == 2) { /* a router knows better */
			hf_plpmtu_told(&p, 1450);
		} else {
			p.ceiling = 3000;
			hf_plpmtu_raise(&p);
		}
		high = p.high;
		for (unsigned i = 1; i < HF_PLPMTU_MAX_PROBES; i++) {
			assert_true(step(&p, 1000, start) > 1000);
			assert_int_equal(p.high, high);
			assert_int_equal(p.probed, 0);
		}
		assert_true(step(&p, 1000, start) > 1000);
		assert_true(p.high < high);
	}
}

/* What a router names is worth a probe though it is no less than what is known, or was lost. */
static void a_router_s_word_counts_for_more_than_losses(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1000, 1008);
	for (unsigned i = 0; i < 2 * HF_PLPMTU_MAX_PROBES; i++)
		step(&p, 1000, start);
	assert_true(p.high > 1000);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 0);
	hf_plpmtu_told(&p, p.high);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), p.high);
}

/* No larger than what gets through already: nothing is to be gained above it. */
static void a_probe_of_the_size_in_use_ends_the_search(void **state)
{
	hf_plpmtu p;

	(void)state;
	hf_plpmtu_begin(&p, 1400, 1500);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 1450);
	p.probed = 1400;
	hf_plpmtu_arrived(&p);
	assert_int_equal(p.low, 1400);
	assert_int_equal(hf_plpmtu_next(&p, &rules, start), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_between_is_halved),
		cmocka_unit_test(every_path_is_found_up_to_the_threshold),
		cmocka_unit_test(one_loss_may_be_congestion_and_three_are_an_answer),
		cmocka_unit_test(an_inconclusive_probe_is_repeated_and_not_counted),
		cmocka_unit_test(a_finished_search_rests_and_begins_anew),
		cmocka_unit_test(what_got_through_before_is_tried_first),
		cmocka_unit_test(a_router_s_word_is_tried_next),
		cmocka_unit_test(a_probe_that_turned_out_small_ends_the_search),
		cmocka_unit_test(a_threshold_of_one_finds_the_last_octet),
		cmocka_unit_test(losses_are_counted_of_one_size_alone),
		cmocka_unit_test(a_router_s_word_counts_for_more_than_losses),
		cmocka_unit_test(a_probe_of_the_size_in_use_ends_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
