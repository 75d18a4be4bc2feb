/* SPDX-License-Identifier: BSD-2-Clause */
/* Links do to packets what they say, to the nanosecond and to the octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "raw_ends.h"

/* ---- Chance ---- */

static void the_generator_gives_its_published_numbers(void **state)
{
	hf_lab_random r = { { 1, 2, 3, 4 } };

	(void)state;
	assert_true(hf_lab_random_next(&r) == 11520);
	assert_true(hf_lab_random_next(&r) == 0);
	assert_true(hf_lab_random_next(&r) == 1509978240);
	assert_true(hf_lab_random_next(&r) == UINT64_C(1215971899390074240));
}

static void streams_of_different_names_and_seeds_differ(void **state)
{
	hf_lab_random a = hf_lab_random_of(1, "ab"), b = hf_lab_random_of(1, "ba"),
		      c = hf_lab_random_of(2, "ab"), d = hf_lab_random_of(1, "ab");
	uint64_t first = hf_lab_random_next(&a);

	(void)state;
	assert_true(first != hf_lab_random_next(&b));
	assert_true(first != hf_lab_random_next(&c));
	assert_true(first == hf_lab_random_next(&d));
}

static void an_impossible_chance_draws_nothing(void **state)
{
	hf_lab_random a = hf_lab_random_of(1, "x"), b = a;

	(void)state;
	assert_false(hf_lab_random_chance(&a, 0));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(hf_lab_random_chance(&a, 1000000));
}

/* ---- Events ---- */

static unsigned order[200], ordered;

static void note_order(void *ctx)
{
	order[ordered++] = *(unsigned *)ctx;
}

static void events_run_by_time_and_then_as_they_were_put_in(void **state)
{
	hf_lab *lab = hf_lab_new(1);
	hf_lab_random r = hf_lab_random_of(5, "order");
	unsigned id[200];
	hf_ns wait[200];

	(void)state;
	ordered = 0;
	for (unsigned i = 0; i < 200; i++) {
		id[i] = i;
		wait[i] = (hf_ns)hf_lab_random_below(&r, 20);
		hf_lab_after(lab, wait[i], note_order, &id[i]);
	}
	hf_lab_run_until(lab, (hf_time){ 9 });
	assert_true(hf_lab_now(lab).ns == 9);
	assert_true(hf_lab_next(lab).ns == 10);
	while (hf_lab_step(lab))
		;
	assert_int_equal(ordered, 200);
	for (unsigned i = 1; i < 200; i++) {
		unsigned x = order[i - 1], y = order[i];

		assert_true(wait[x] < wait[y] || (wait[x] == wait[y] && x < y));
	}
	assert_true(hf_lab_next(lab).ns == HF_NEVER.ns);
	hf_lab_free(lab);
}

static void a_cancelled_call_does_not_happen_and_the_others_keep_their_order(void **state)
{
	hf_lab *lab = hf_lab_new(1);
	unsigned id[100];

	(void)state;
	ordered = 0;
	for (unsigned i = 0; i < 100; i++) {
		id[i] = i;
		hf_lab_after(lab, (hf_ns)(i * 37 % 100), note_order, &id[i]);
	}
	for (unsigned i = 0; i < 100; i += 3)
		hf_lab_cancel(lab, note_order, &id[i]);
	while (hf_lab_step(lab))
		;
	assert_int_equal(ordered, 66);
	for (unsigned i = 0; i < ordered; i++) {
		assert_true(order[i] % 3 != 0);
		assert_true(i == 0 || order[i - 1] * 37 % 100 < order[i] * 37 % 100);
	}
	hf_lab_free(lab);
}

/* ---- Rate and delay ---- */

static void a_packet_takes_its_bits_over_the_rate_and_the_delay(void **state)
{
	hf_lab_path path = { .rate = 12000000, .delay = HF_MS(10) };
	struct ends p = ends_new(1, &path);

	(void)state;
	ends_send(&p, 0, 1500);
	ends_send(&p, 1, 1500);
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(11) - 1 });
	assert_int_equal(at_b.count, 0);
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(11) });
	assert_int_equal(at_b.count, 1);
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(12) - 1 });
	assert_int_equal(at_b.count, 1);
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(12) });
	assert_int_equal(at_b.count, 2);
	/* The wire was idle meanwhile: the next one waits for nobody. */
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(100) });
	ends_send(&p, 2, 150);
	ends_finish(&p);
	assert_int_equal(at_b.count, 3);
	assert_true(at_b.last.ns == HF_MS(110) + HF_US(100));
}

static void a_rate_that_does_not_divide_is_kept_over_many_packets(void **state)
{
	hf_lab_path path = { .rate = 7000000 };
	struct ends p = ends_new(1, &path);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		ends_send(&p, i, 1000);
	ends_finish(&p);
	/* 1000 * 1000 * 8 bits at 7 Mbit/s, rounded once and not a thousand times. */
	assert_true(at_b.last.ns == 1142857142);
}

static void the_directions_of_a_link_are_independent(void **state)
{
	hf_lab_path slow = { .delay = HF_MS(50) };
	struct ends p = ends_new(1, NULL);

	(void)state;
	hf_lab_path_set(p.link, p.b, &slow);
	ends_send(&p, 0, 100);
	hf_lab_send(p.b, p.link, "back", 4);
	ends_finish(&p);
	assert_true(at_b.last.ns == 0);
	assert_true(at_a.last.ns == HF_MS(50));
}

/* ---- Loss ---- */

static unsigned count_lost(uint64_t seed, const hf_lab_path *path, unsigned n, unsigned *runs)
{
	struct ends p = ends_new(seed, path);
	unsigned lost;
	uint64_t next = 0;

	for (uint32_t i = 0; i < n; i++)
		ends_send(&p, i, 40);
	assert_true(hf_lab_run_idle(p.lab, (hf_time){ HF_SEC(1) }));
	lost = (unsigned)hf_lab_counted(p.lab).lost;
	assert_int_equal(lost + at_b.count, n);
	*runs = 0;
	for (unsigned i = 0; i < at_b.count; i++) {
		*runs += at_b.number[i] != next;
		next = at_b.number[i] + 1;
	}
	ends_finish(&p);
	return lost;
}

static void assert_near(double value, double expected, double deviation)
{
	assert_true(fabs(value - expected) < 4 * deviation);
}

static void independent_loss_has_its_rate_and_its_run_lengths(void **state)
{
	hf_lab_path path = { .loss = 100000 };
	double n = 60000;
	unsigned runs, lost = count_lost(3, &path, 60000, &runs);

	(void)state;
	assert_near(lost, n * 0.1, sqrt(n * 0.1 * 0.9));
	/* A run of losses starts after each packet that got through: n * 0.9 * 0.1. */
	assert_near(runs, n * 0.09, sqrt(n * 0.09 * 0.91));
}

static void bursty_loss_has_its_rate_and_its_run_lengths(void **state)
{
	hf_lab_path path = { .burst_start = 10000, .burst_end = 200000, .burst_loss = 1000000 };
	double n = 60000, bad = 0.01 / 0.21;
	unsigned runs, lost = count_lost(3, &path, 60000, &runs);

	(void)state;
	/* Runs of mean length 5: the variance is about (1 + 0.8) / (1 - 0.8) times that of single
	 * losses. */
	assert_near(lost, n * bad, sqrt(n * bad * 9));
	assert_near((double)lost / runs, 5, 5 / sqrt(runs));
}

static void a_link_that_is_down_loses_everything(void **state)
{
	struct ends p = ends_new(1, NULL);

	(void)state;
	hf_lab_link_up(p.link, false);
	ends_send(&p, 0, 100);
	hf_lab_link_up(p.link, true);
	ends_send(&p, 1, 100);
	assert_true(hf_lab_counted(p.lab).lost == 1);
	ends_finish(&p);
	assert_int_equal(at_b.count, 1);
	assert_true(at_b.number[0] == 1);
}

/* The number and fate of every packet that `name`'s direction loses, beside another link or not. */
static unsigned lost_of_wire(bool with_other)
{
	hf_lab_path path = { .loss = 300000 };
	struct ends p = ends_new(9, &path);
	hf_lab_link *other = NULL;
	unsigned sum = 0;

	if (with_other)
		assert_int_equal(hf_lab_link_add("other", p.a, p.b, &path, &other), HF_OK);
	for (uint32_t i = 0; i < 100; i++) {
		if (with_other)
			hf_lab_send(p.a, other, "\xff\xff\xff\xff", 4);
		ends_send(&p, i, 100);
	}
	assert_true(hf_lab_run_idle(p.lab, (hf_time){ HF_SEC(1) }));
	for (unsigned i = 0; i < at_b.count; i++) {
		if (at_b.number[i] != UINT32_MAX)
			sum = sum * 31 + (unsigned)at_b.number[i];
	}
	hf_lab_free(p.lab);
	return sum;
}

static void another_link_does_not_shift_the_chances_of_this_one(void **state)
{
	(void)state;
	assert_int_equal(lost_of_wire(false), lost_of_wire(true));
}

/* ---- Order, copies, queues ---- */

static void jitter_alone_never_changes_the_order(void **state)
{
	hf_lab_path path = { .delay = HF_MS(5), .jitter = HF_MS(5) };
	struct ends p = ends_new(4, &path);

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		ends_send(&p, i, 100);
		hf_lab_run_until(p.lab, hf_time_add(hf_lab_now(p.lab), HF_US(100)));
	}
	ends_finish(&p);
	assert_int_equal(at_b.count, 2000);
	for (uint32_t i = 0; i < 2000; i++)
		assert_true(at_b.number[i] == i);
}

static void reordering_holds_back_the_share_that_it_says(void **state)
{
	hf_lab_path path = { .delay = HF_MS(1), .reorder = 100000, .reorder_delay = HF_MS(1) };
	struct ends p = ends_new(4, &path);
	unsigned overtaken = 0;
	uint64_t highest = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		ends_send(&p, i, 100);
		hf_lab_run_until(p.lab, hf_time_add(hf_lab_now(p.lab), HF_US(1)));
	}
	assert_true(hf_lab_run_idle(p.lab, (hf_time){ HF_SEC(1) }));
	assert_int_equal(at_b.count, 10000);
	for (unsigned i = 0; i < 10000; i++) {
		overtaken += at_b.number[i] < highest;
		if (at_b.number[i] > highest)
			highest = at_b.number[i];
	}
	assert_near((double)hf_lab_counted(p.lab).reordered, 1000, 30);
	assert_true(overtaken > 900 && overtaken <= hf_lab_counted(p.lab).reordered);
	ends_finish(&p);
}

static void a_duplicate_arrives_twice(void **state)
{
	hf_lab_path path = { .duplicate = 1000000 };
	struct ends p = ends_new(4, &path);

	(void)state;
	ends_send(&p, 1, 100);
	ends_send(&p, 2, 100);
	ends_finish(&p);
	assert_int_equal(at_b.count, 4);
	assert_true(at_b.number[0] == 1 && at_b.number[1] == 1 && at_b.number[2] == 2);
}

static void a_queue_drops_what_exceeds_its_packets(void **state)
{
	hf_lab_path path = { .rate = 8000000, .queue_packets = 3 };
	struct ends p = ends_new(4, &path);

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		ends_send(&p, i, 1000);
	assert_true(hf_lab_counted(p.lab).queue_full == 2);
	/* After exactly 1 ms the first has left, and one more fits. */
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(1) - 1 });
	ends_send(&p, 5, 1000);
	assert_true(hf_lab_counted(p.lab).queue_full == 3);
	hf_lab_run_until(p.lab, (hf_time){ HF_MS(1) });
	ends_send(&p, 6, 1000);
	assert_true(hf_lab_counted(p.lab).queue_full == 3);
	ends_finish(&p);
	assert_int_equal(at_b.count, 4);
	assert_true(at_b.number[2] == 2 && at_b.number[3] == 6);
}

static void a_queue_drops_what_exceeds_its_octets(void **state)
{
	hf_lab_path path = { .rate = 8000000, .queue_octets = 2500 };
	struct ends p = ends_new(4, &path);

	(void)state;
	ends_send(&p, 0, 1000);
	ends_send(&p, 1, 1000);
	ends_send(&p, 2, 501);
	ends_send(&p, 3, 500);
	assert_true(hf_lab_counted(p.lab).queue_full == 1);
	ends_finish(&p);
	assert_int_equal(at_b.count, 3);
	assert_true(at_b.number[2] == 3);
}

static void a_policer_passes_its_burst_and_then_its_rate(void **state)
{
	hf_lab_path path = { .police_rate = 8000000, .police_burst = 2500 };
	struct ends p = ends_new(4, &path);

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		ends_send(&p, i, 1000);
	assert_true(hf_lab_counted(p.lab).policed == 2);
	/* 500 octets are left, and 1000 flow in each millisecond. */
	hf_lab_run_until(p.lab, (hf_time){ HF_US(500) - 1 });
	ends_send(&p, 4, 1000);
	assert_true(hf_lab_counted(p.lab).policed == 3);
	hf_lab_run_until(p.lab, (hf_time){ HF_US(500) });
	ends_send(&p, 5, 1000);
	assert_true(hf_lab_counted(p.lab).policed == 3);
	/* However long nothing comes, it is never fuller than full. */
	hf_lab_run_until(p.lab, (hf_time){ HF_SEC(9) });
	for (uint32_t i = 6; i < 10; i++)
		ends_send(&p, i, 1000);
	assert_true(hf_lab_counted(p.lab).policed == 5);
	ends_finish(&p);
	assert_int_equal(at_b.count, 5);
	assert_true(at_b.number[2] == 5 && at_b.number[3] == 6 && at_b.number[4] == 7);
}

/* ---- Damage ---- */

static void damage_is_one_octet_and_always_noticed(void **state)
{
	hf_lab_path path = { .corrupt = 1000000 };

	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct ends p = ends_new(4, &path);
		uint8_t packet[2048];
		size_t len = make_packet(version, packet, 20);

		for (unsigned i = 0; i < 5000; i++) {
			unsigned changed = 0;

			hf_lab_send(p.a, p.link, packet, len);
			assert_true(hf_lab_run_idle(p.lab, (hf_time){ 0 }));
			assert_int_equal(at_b.count, i + 1);
			assert_int_equal(at_b.len, len);
			for (size_t k = 0; k < len; k++)
				changed += at_b.octets[k] != packet[k];
			assert_int_equal(changed, 1);
			assert_false(is_whole(&at_b));
		}
		ends_finish(&p);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_generator_gives_its_published_numbers),
		cmocka_unit_test(streams_of_different_names_and_seeds_differ),
		cmocka_unit_test(an_impossible_chance_draws_nothing),
		cmocka_unit_test(events_run_by_time_and_then_as_they_were_put_in),
		cmocka_unit_test(a_cancelled_call_does_not_happen_and_the_others_keep_their_order),
		cmocka_unit_test(a_packet_takes_its_bits_over_the_rate_and_the_delay),
		cmocka_unit_test(a_rate_that_does_not_divide_is_kept_over_many_packets),
		cmocka_unit_test(the_directions_of_a_link_are_independent),
		cmocka_unit_test(independent_loss_has_its_rate_and_its_run_lengths),
		cmocka_unit_test(bursty_loss_has_its_rate_and_its_run_lengths),
		cmocka_unit_test(a_link_that_is_down_loses_everything),
		cmocka_unit_test(another_link_does_not_shift_the_chances_of_this_one),
		cmocka_unit_test(jitter_alone_never_changes_the_order),
		cmocka_unit_test(reordering_holds_back_the_share_that_it_says),
		cmocka_unit_test(a_duplicate_arrives_twice),
		cmocka_unit_test(a_queue_drops_what_exceeds_its_packets),
		cmocka_unit_test(a_queue_drops_what_exceeds_its_octets),
		cmocka_unit_test(a_policer_passes_its_burst_and_then_its_rate),
		cmocka_unit_test(damage_is_one_octet_and_always_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
