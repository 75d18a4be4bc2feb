/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash table, against a plain list of what it should hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"
#include "tests/unit/support.h"

#define VALUES 4096u

/* Every value is its own key; its hash is looked up here. */
struct model {
	uint32_t hash[VALUES];
	bool is_in[VALUES];
	uint32_t count;
};

static bool is_value(const void *ctx, uint32_t value)
{
	return *(const uint32_t *)ctx == value;
}

static uint32_t find(const hf_table *t, uint32_t hash, uint32_t value)
{
	return hf_table_find(t, hash, is_value, &value);
}

static void assert_all(const hf_table *t, const struct model *m)
{
	assert_int_equal(hf_table_count(t), m->count);
	for (uint32_t v = 0; v < VALUES; v++)
		assert_int_equal(find(t, m->hash[v], v), m->is_in[v] ? v : HF_SLOT_FREE);
}

static void toggle(hf_table *t, hf_mem *mem, struct model *m, uint32_t v)
{
	if (m->is_in[v]) {
		assert_true(hf_table_remove(t, m->hash[v], v));
		m->count--;
	} else {
		assert_false(hf_table_remove(t, m->hash[v], v));
		assert_true(hf_table_add(t, mem, m->hash[v], v));
		m->count++;
	}
	m->is_in[v] = !m->is_in[v];
}

/* `mask` says which bits of a hash vary: few make long probe sequences, or clusters at the end. */
static void run_against_model(uint64_t seed, uint32_t mask, uint32_t fixed, uint32_t values)
{
	struct heap h = { 0 };
	hf_mem mem = heap_mem(&h);
	hf_table t = { 0 };
	struct model m = { 0 };

	for (uint32_t v = 0; v < VALUES; v++)
		m.hash[v] = (draw(&seed) & mask) | fixed;
	for (uint32_t step = 0; step < 20 * values; step++) {
		/* Mostly additions at first, then as many removals. */
		uint32_t v = draw_below(&seed, values);

		if (step < 4 * values && m.is_in[v] && draw_below(&seed, 4))
			continue;
		toggle(&t, &mem, &m, v);
		assert_true(hf_table_count(&t) * 4 <= t.now.size * 3);
		if (step % (values / 2) == 0 || (t.old.size > 0 && step % 8 == 0))
			assert_all(&t, &m);
	}
	assert_all(&t, &m);
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(h.out, 0);
}

static void the_table_is_like_a_list_with_spread_hashes(void **state)
{
	(void)state;
	run_against_model(UINT64_C(0x13198a2e03707344), UINT32_MAX, 0, VALUES);
}

static void the_table_is_like_a_list_with_crowded_hashes(void **state)
{
	(void)state;
	run_against_model(UINT64_C(0xa4093822299f31d0), 0x3f, 0, 256);
}

static void the_table_is_like_a_list_where_clusters_cross_the_end(void **state)
{
	(void)state;
	run_against_model(UINT64_C(0x082efa98ec4e6c89), 0x7, 0xfffffff8, 100);
	run_against_model(UINT64_C(0x452821e638d01377), 0xf000003, 0x00fffffc, 60);
}

static void pairs_with_one_hash_are_told_apart(void **state)
{
	struct heap h = { 0 };
	hf_mem mem = heap_mem(&h);
	hf_table t = { 0 };

	(void)state;
	for (uint32_t v = 0; v < 5; v++)
		assert_true(hf_table_add(&t, &mem, 77, v));
	assert_true(hf_table_remove(&t, 77, 2));
	assert_false(hf_table_remove(&t, 77, 2));
	assert_false(hf_table_remove(&t, 78, 3));
	assert_int_equal(find(&t, 77, 2), HF_SLOT_FREE);
	for (uint32_t v = 0; v < 5; v++) {
		if (v != 2)
			assert_int_equal(find(&t, 77, v), v);
	}
	assert_int_equal(hf_table_count(&t), 4);
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
}

static void a_value_is_replaced_wherever_it_lies(void **state)
{
	struct heap h = { 0 };
	hf_mem mem = heap_mem(&h);
	hf_table t = { 0 };
	uint32_t n = 0;

	(void)state;
	assert_false(hf_table_replace(&t, 1, 1, 2));
	/* Until the table is in the middle of growing. */
	while (t.old.size < 64) {
		assert_true(hf_table_add(&t, &mem, n * UINT32_C(0x9e3779b9), n));
		n++;
	}
	assert_true(t.old.count > 0 && t.now.count > 0);
	for (uint32_t v = 0; v < n; v++)
		assert_true(hf_table_replace(&t, v * UINT32_C(0x9e3779b9), v, v + 1000));
	for (uint32_t v = 0; v < n; v++) {
		assert_false(hf_table_replace(&t, v * UINT32_C(0x9e3779b9), v, 5));
		assert_int_equal(find(&t, v * UINT32_C(0x9e3779b9), v + 1000), v + 1000);
	}
	assert_int_equal(hf_table_count(&t), n);
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(h.out, 0);
}

static void an_empty_table_answers(void **state)
{
	struct heap h = { 0 };
	hf_mem mem = heap_mem(&h);
	hf_table t = { 0 };

	(void)state;
	assert_int_equal(find(&t, 5, 5), HF_SLOT_FREE);
	assert_false(hf_table_remove(&t, 5, 5));
	assert_int_equal(hf_table_count(&t), 0);
	hf_table_prefetch(&t, 5);
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(h.out, 0);
}

static void without_memory_the_table_fills_to_three_quarters_and_recovers(void **state)
{
	struct heap h = { .refuses = true };
	hf_mem mem = heap_mem(&h);
	hf_table t = { 0 };
	uint32_t n = 0, size;

	(void)state;
	assert_false(hf_table_add(&t, &mem, 0, 0));
	h.refuses = false;
	assert_true(hf_table_add(&t, &mem, 0, 0));
	h.refuses = true;
	size = t.now.size;
	do
		n++;
	while (hf_table_add(&t, &mem, n * 3, n));
	assert_int_equal(n, size / 4 * 3);
	assert_int_equal(hf_table_count(&t), n);
	for (uint32_t v = 0; v < n; v++)
		assert_int_equal(find(&t, v * 3, v), v);
	h.refuses = false;
	assert_true(hf_table_add(&t, &mem, n * 3, n));
	for (uint32_t v = 0; v <= n; v++)
		assert_int_equal(find(&t, v * 3, v), v);
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(h.out, 0);
}

static void memory_is_given_back_in_every_phase_of_growing(void **state)
{
	(void)state;
	for (uint32_t last = 1; last < 400; last++) {
		struct heap h = { 0 };
		hf_mem mem = heap_mem(&h);
		hf_table t = { 0 };

		for (uint32_t v = 0; v < last; v++)
			assert_true(hf_table_add(&t, &mem, v * UINT32_C(0x9e3779b9), v));
		hf_table_release(&t, &mem);
		hf_mem_drain(&mem);
		assert_int_equal(h.out, 0);
		assert_int_equal(mem.used, 0);
		assert_int_equal(hf_table_count(&t), 0);
	}
}

/* How many slots one insertion wrote, in whatever array. */
static uint32_t work_of_an_insertion(hf_table *t, hf_mem *mem, uint32_t v)
{
	hf_table before = *t;
	uint32_t work = 0;

	assert_true(hf_table_add(t, mem, v * UINT32_C(0x9e3779b9), v));
	if (t->now.slot != before.now.slot)
		work += t->now.size - (before.next.size ? before.cleared : 0);
	else if (t->next.size)
		work += t->cleared - (before.next.size ? before.cleared : 0);
	if (before.old.size > 0)
		work += before.old.count - t->old.count;
	return work;
}

static void no_insertion_does_more_than_a_bounded_piece_of_growing(void **state)
{
	struct heap h = { 0 };
	hf_mem mem = heap_mem(&h);
	hf_table t = { 0 };

	(void)state;
	for (uint32_t v = 0; v < 100000; v++) {
		assert_true(work_of_an_insertion(&t, &mem, v) <= 64);
		assert_true(hf_table_count(&t) * 4 <= t.now.size * 3);
	}
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_like_a_list_with_spread_hashes),
		cmocka_unit_test(the_table_is_like_a_list_with_crowded_hashes),
		cmocka_unit_test(the_table_is_like_a_list_where_clusters_cross_the_end),
		cmocka_unit_test(pairs_with_one_hash_are_told_apart),
		cmocka_unit_test(a_value_is_replaced_wherever_it_lies),
		cmocka_unit_test(an_empty_table_answers),
		cmocka_unit_test(without_memory_the_table_fills_to_three_quarters_and_recovers),
		cmocka_unit_test(memory_is_given_back_in_every_phase_of_growing),
		cmocka_unit_test(no_insertion_does_more_than_a_bounded_piece_of_growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
