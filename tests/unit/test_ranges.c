/* SPDX-License-Identifier: BSD-2-Clause */
/* The set of ranges of sequence numbers, against a map with a bit for every number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ranges.h"
#include "tests/unit/support.h"

/* All numbers of these tests lie around the wrap. */
#define BASE UINT32_C(0xffffff80)
#define SPACE 256u
#define MOST 32u

static struct heap heap;
static hf_mem mem = { .from = { heap_alloc, heap_free, &heap } };

static hf_range range(uint32_t start, uint32_t end)
{
	return (hf_range){ { BASE + start }, { BASE + end } };
}

static void assert_range(const hf_ranges *s, uint32_t i, uint32_t start, uint32_t end)
{
	assert_true(i < s->count);
	assert_int_equal(hf_ranges_at(s, i)->start.v, BASE + start);
	assert_int_equal(hf_ranges_at(s, i)->end.v, BASE + end);
}

static void ranges_are_kept_sorted(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST);

	(void)state;
	assert_int_equal(hf_ranges_add(&s, range(100, 110)), 0);
	assert_int_equal(hf_ranges_add(&s, range(140, 150)), 1);
	assert_int_equal(hf_ranges_add(&s, range(120, 130)), 1);
	assert_int_equal(hf_ranges_add(&s, range(10, 20)), 0);
	assert_int_equal(s.count, 4);
	assert_range(&s, 0, 10, 20);
	assert_range(&s, 1, 100, 110);
	assert_range(&s, 2, 120, 130);
	assert_range(&s, 3, 140, 150);
	assert_int_equal(hf_ranges_octets(&s), 40);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

static void ranges_that_touch_become_one(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST);

	(void)state;
	hf_ranges_add(&s, range(100, 110));
	hf_ranges_add(&s, range(120, 130));
	assert_int_equal(hf_ranges_add(&s, range(111, 119)), 1);
	assert_int_equal(s.count, 3);
	assert_int_equal(hf_ranges_add(&s, range(110, 111)), 0);
	assert_int_equal(s.count, 2);
	assert_range(&s, 0, 100, 119);
	assert_int_equal(hf_ranges_add(&s, range(119, 120)), 0);
	assert_int_equal(s.count, 1);
	assert_range(&s, 0, 100, 130);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

static void a_range_may_swallow_several(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST);

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		hf_ranges_add(&s, range(20 * i, 20 * i + 10));
	assert_int_equal(hf_ranges_add(&s, range(15, 65)), 1);
	assert_int_equal(s.count, 3);
	assert_range(&s, 0, 0, 10);
	assert_range(&s, 1, 15, 70);
	assert_range(&s, 2, 80, 90);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

static void a_range_inside_another_changes_nothing(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST);

	(void)state;
	hf_ranges_add(&s, range(10, 20));
	hf_ranges_add(&s, range(100, 130));
	assert_int_equal(hf_ranges_add(&s, range(100, 130)), 1);
	assert_int_equal(hf_ranges_add(&s, range(127, 130)), 1);
	assert_int_equal(s.count, 2);
	assert_range(&s, 1, 100, 130);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

static void a_full_set_refuses_a_new_range_and_still_merges(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST), before;

	(void)state;
	for (uint32_t i = 0; i < MOST; i++)
		assert_int_equal(hf_ranges_add(&s, range(4 * i, 4 * i + 2)), i);
	before = s;
	assert_int_equal(hf_ranges_add(&s, range(200, 201)), -1);
	assert_memory_equal(&s, &before, sizeof(s));
	assert_int_equal(hf_ranges_add(&s, range(2, 3)), 0);
	assert_int_equal(s.count, MOST);
	assert_int_equal(hf_ranges_add(&s, range(3, 4)), 0);
	assert_int_equal(s.count, MOST - 1);
	assert_int_equal(hf_ranges_add(&s, range(200, 201)), MOST - 1);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

static void an_empty_range_is_not_added(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST);

	(void)state;
	assert_int_equal(hf_ranges_add(&s, range(10, 10)), -1);
	assert_int_equal(s.count, 0);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

static void cutting_drops_and_shortens(void **state)
{
	hf_ranges s = hf_ranges_of(&mem, MOST);

	(void)state;
	hf_ranges_cut(&s, (hf_seq){ BASE });
	assert_int_equal(s.count, 0);
	hf_ranges_add(&s, range(10, 20));
	hf_ranges_add(&s, range(120, 140));
	hf_ranges_add(&s, range(150, 160));
	hf_ranges_cut(&s, (hf_seq){ BASE + 10 });
	assert_range(&s, 0, 10, 20);
	hf_ranges_cut(&s, (hf_seq){ BASE + 19 });
	assert_range(&s, 0, 19, 20);
	hf_ranges_cut(&s, (hf_seq){ BASE + 20 });
	assert_int_equal(s.count, 2);
	hf_ranges_cut(&s, (hf_seq){ BASE + 130 });
	assert_range(&s, 0, 130, 140);
	hf_ranges_cut(&s, (hf_seq){ BASE + 255 });
	assert_int_equal(s.count, 0);
	hf_ranges_release(&s);
	assert_int_equal(heap.out, 0);
}

/* What the set says must be what a naive map says. */
static void assert_like_map(const hf_ranges *s, const bool *map)
{
	uint32_t octets = 0, runs = 0;

	for (uint32_t i = 0; i < SPACE; i++) {
		bool begins = map[i] && (i == 0 || !map[i - 1]);

		octets += map[i];
		if (begins)
			assert_int_equal(hf_ranges_at(s, runs)->start.v, BASE + i);
		runs += begins;
		if (map[i] && (i + 1 == SPACE || !map[i + 1]))
			assert_int_equal(hf_ranges_at(s, runs - 1)->end.v, BASE + i + 1);
	}
	assert_int_equal(s->count, runs);
	assert_int_equal(hf_ranges_octets(s), octets);
}

static bool map_has(const bool *map, uint32_t start, uint32_t end)
{
	bool all = true;

	for (uint32_t i = start; i < end; i++)
		all = all && map[i];
	return all;
}

static void set_map(bool *map, uint32_t start, uint32_t end, bool value)
{
	for (uint32_t i = start; i < end; i++)
		map[i] = value;
}

static void the_set_is_like_a_map_of_octets(void **state)
{
	uint64_t seed = UINT64_C(0x243f6a8885a308d3);
	uint32_t refused = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint32_t longest = draw_below(&seed, 4) ? 3 : 30;
		bool map[SPACE] = { false };
		hf_ranges s = hf_ranges_of(&mem, MOST);

		for (int step = 0; step < 60; step++) {
			uint32_t start = draw_below(&seed, SPACE - 30);
			uint32_t end = start + 1 + draw_below(&seed, longest);
			int where = hf_ranges_add(&s, range(start, end));

			refused += where < 0;
			if (where < 0) {
				assert_int_equal(s.count, MOST);
			} else {
				set_map(map, start, end, true);
				assert_true(hf_seq_leq(hf_ranges_at(&s, (uint32_t)where)->start,
						       range(start, 0).start));
				assert_true(hf_seq_leq(range(0, end).end,
						       hf_ranges_at(&s, (uint32_t)where)->end));
			}
			if (draw_below(&seed, 50) == 0) {
				hf_ranges_cut(&s, range(start, 0).start);
				set_map(map, 0, start, false);
			}
			assert_like_map(&s, map);
			start = draw_below(&seed, SPACE - 8);
			end = start + 1 + draw_below(&seed, 8);
			assert_int_equal(hf_ranges_contain(&s, range(start, end)),
					 map_has(map, start, end));
		}
		hf_ranges_release(&s);
	}
	/* Otherwise the limit was never met. */
	assert_true(refused > 100);
	assert_int_equal(heap.out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_kept_sorted),
		cmocka_unit_test(ranges_that_touch_become_one),
		cmocka_unit_test(a_range_may_swallow_several),
		cmocka_unit_test(a_range_inside_another_changes_nothing),
		cmocka_unit_test(a_full_set_refuses_a_new_range_and_still_merges),
		cmocka_unit_test(an_empty_range_is_not_added),
		cmocka_unit_test(cutting_drops_and_shortens),
		cmocka_unit_test(the_set_is_like_a_map_of_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
