/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of segments in flight, against a plain array that does the same slowly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/sent.h"
#include "tests/unit/support.h"

#define MODEL_MAX 4096

typedef struct model {
	hf_sent at[MODEL_MAX];
	uint32_t count;
} model;

static void assert_same(const hf_sent_list *l, const model *m)
{
	assert_int_equal(l->count, m->count);
	for (uint32_t i = 0; i < m->count; i++) {
		const hf_sent *s = hf_sent_at(l, i);

		assert_int_equal(s->seq.v, m->at[i].seq.v);
		assert_int_equal(s->len, m->at[i].len);
		assert_int_equal(s->flags, m->at[i].flags);
		assert_int_equal(s->at.ns, m->at[i].at.ns);
	}
}

static void append(hf_sent_list *l, hf_mem *mem, model *m, hf_sent s)
{
	assert_true(hf_sent_reserve(l, mem));
	hf_sent_append(l, s);
	m->at[m->count++] = s;
}

static void drop_first(hf_sent_list *l, model *m)
{
	hf_sent_drop_first(l);
	memmove(m->at, m->at + 1, --m->count * sizeof(m->at[0]));
}

static void split(hf_sent_list *l, hf_mem *mem, model *m, uint32_t i, uint16_t len)
{
	assert_true(hf_sent_split(l, mem, i, len));
	memmove(m->at + i + 1, m->at + i, (m->count - i) * sizeof(m->at[0]));
	m->count++;
	m->at[i].len = len;
	m->at[i + 1].seq.v += len;
	m->at[i + 1].len = (uint16_t)(m->at[i + 1].len - len);
}

static uint32_t find(const model *m, hf_seq seq)
{
	uint32_t i = 0;

	while (i < m->count && !hf_seq_lt(seq, hf_seq_add(m->at[i].seq, m->at[i].len)))
		i++;
	return i;
}

static void the_list_does_what_an_array_does(void **state)
{
	static model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct heap heap = { 0 };
		hf_mem mem = heap_mem(&heap);
		hf_sent_list l = { 0 };
		uint64_t dice = seed;
		hf_seq next = { 0u - 20000 }; /* the numbers wrap on the way */

		m.count = 0;
		for (int k = 0; k < 3000; k++) {
			uint32_t what = draw_below(&dice, 10);

			if (what < 5 && m.count < 1500) {
				uint16_t len = (uint16_t)(1 + draw_below(&dice, 1460));

				append(&l, &mem, &m,
				       (hf_sent){ .seq = next,
						  .len = len,
						  .flags = (uint8_t)draw_below(&dice, 16),
						  .at = { k } });
				next = hf_seq_add(next, len);
			} else if (what < 8 && m.count > 0) {
				drop_first(&l, &m);
			} else if (m.count > 0) {
				uint32_t i = draw_below(&dice, m.count);

				if (m.at[i].len > 1)
					split(&l, &mem, &m, i,
					      (uint16_t)(1 + draw_below(&dice, m.at[i].len - 1u)));
			}
			if (k % 16 == 0)
				assert_same(&l, &m);
			for (int f = 0; f < 4; f++) {
				hf_seq seq = { next.v - 5000 + draw_below(&dice, 6000) };

				assert_int_equal(hf_sent_find(&l, seq), find(&m, seq));
			}
		}
		hf_sent_release(&l, &mem);
		assert_int_equal(l.count, 0);
		hf_mem_drain(&mem);
		assert_int_equal(heap.out, 0);
	}
}

static void finding_looks_for_the_first_that_ends_after_a_number(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_sent_list l = { 0 };

	(void)state;
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 5 }), 0);
	for (uint32_t i = 0; i < 3; i++) { /* [0xffffffff, 9), [9, 19), [19, 29) */
		assert_true(hf_sent_reserve(&l, &mem));
		hf_sent_append(&l, (hf_sent){ .seq = { i * 10 - 1 }, .len = 10 });
	}
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 0xfffffff0 }), 0);
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 8 }), 0);
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 9 }), 1);
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 18 }), 1);
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 28 }), 2);
	assert_int_equal(hf_sent_find(&l, (hf_seq){ 29 }), 3);
	assert_int_equal(hf_sent_end(hf_sent_at(&l, 0)).v, 9);
	hf_sent_release(&l, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

static void a_list_that_cannot_grow_stays_as_it_was(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_sent_list l = { 0 };
	static model m;

	(void)state;
	heap.refuses = true;
	assert_false(hf_sent_reserve(&l, &mem));
	assert_int_equal(l.size, 0);
	heap.refuses = false;
	do
		append(&l, &mem, &m,
		       (hf_sent){ .seq = { m.count * 10 }, .len = 10, .at = { m.count } });
	while (l.count < l.size);
	drop_first(&l, &m); /* so that it wraps when it grows */
	append(&l, &mem, &m, (hf_sent){ .seq = { (m.count + 1) * 10 }, .len = 10 });
	heap.refuses = true;
	assert_false(hf_sent_reserve(&l, &mem));
	assert_false(hf_sent_split(&l, &mem, 2, 5));
	assert_same(&l, &m);
	heap.refuses = false;
	split(&l, &mem, &m, 2, 5);
	assert_same(&l, &m);
	hf_sent_release(&l, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_does_what_an_array_does),
		cmocka_unit_test(finding_looks_for_the_first_that_ends_after_a_number),
		cmocka_unit_test(a_list_that_cannot_grow_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
