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
	struct {
		uint32_t seq[MODEL_MAX]; /* in the queue's order */
		uint32_t count;
	} queue[HF_SENT_QUEUES];
} model;

/* Where a segment with these marks stands. */
static unsigned order_of(uint8_t flags)
{
	bool waits = flags & HF_SENT_LOST && !(flags & HF_SENT_RETRANSMITTED);

	if (flags & HF_SENT_SACKED)
		return HF_SENT_NOWHERE;
	if (!waits)
		return HF_SENT_BY_TIME;
	return flags & HF_SENT_TWICE ? HF_SENT_WAITING_AGAIN : HF_SENT_WAITING;
}

static void queue_insert(model *m, const hf_sent *s, uint32_t at)
{
	unsigned q = order_of(s->flags);

	if (q == HF_SENT_NOWHERE)
		return;
	if (at > m->queue[q].count)
		at = m->queue[q].count;
	memmove(m->queue[q].seq + at + 1, m->queue[q].seq + at,
		(m->queue[q].count - at) * sizeof(m->queue[q].seq[0]));
	m->queue[q].seq[at] = s->seq.v;
	m->queue[q].count++;
}

/* Returns where it stood. */
static uint32_t queue_remove(model *m, const hf_sent *s)
{
	unsigned q = order_of(s->flags);
	uint32_t at = 0;

	if (q == HF_SENT_NOWHERE)
		return 0;
	while (m->queue[q].seq[at] != s->seq.v)
		at++;
	m->queue[q].count--;
	memmove(m->queue[q].seq + at, m->queue[q].seq + at + 1,
		(m->queue[q].count - at) * sizeof(m->queue[q].seq[0]));
	return at;
}

static void assert_same_queues(const hf_sent_list *l, const model *m)
{
	uint32_t lowest = m->count;

	for (unsigned q = 0; q < HF_SENT_QUEUES; q++) {
		uint32_t i = hf_sent_first(l, (hf_sent_order)q);

		assert_int_equal(l->queue[q].count, m->queue[q].count);
		if (m->queue[q].count == 0)
			assert_int_equal(i, l->count);
		else if (q != HF_SENT_BY_TIME && i < lowest)
			lowest = i;
		for (uint32_t k = 0; k < m->queue[q].count; k++) {
			const hf_sent *s = hf_sent_at(l, i);

			assert_int_equal(s->seq.v, m->queue[q].seq[k]);
			assert_int_equal(s->before == (uint16_t)(l->first + i), k == 0);
			assert_int_equal(s->after == (uint16_t)(l->first + i),
					 k + 1 == m->queue[q].count);
			i = (uint16_t)(s->after - (uint16_t)l->first);
		}
	}
	if (m->count > 0 && hf_sent_is_waiting(&m->at[0]))
		lowest = 0;
	assert_int_equal(hf_sent_first_waiting(l), lowest);
}

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
	assert_same_queues(l, m);
}

static void append(hf_sent_list *l, hf_mem *mem, model *m, hf_sent s)
{
	assert_true(hf_sent_reserve(l, mem));
	hf_sent_append(l, s);
	m->at[m->count++] = s;
	queue_insert(m, &s, MODEL_MAX);
}

static void drop_first(hf_sent_list *l, model *m)
{
	hf_sent_drop_first(l);
	queue_remove(m, &m->at[0]);
	memmove(m->at, m->at + 1, --m->count * sizeof(m->at[0]));
}

static void mark(hf_sent_list *l, model *m, uint32_t i, uint8_t flags)
{
	hf_sent_mark(l, i, flags);
	queue_remove(m, &m->at[i]);
	m->at[i].flags = flags;
	queue_insert(m, &m->at[i], MODEL_MAX);
}

static void split(hf_sent_list *l, hf_mem *mem, model *m, uint32_t i, uint16_t len)
{
	uint32_t at;

	assert_true(hf_sent_split(l, mem, i, len));
	memmove(m->at + i + 1, m->at + i, (m->count - i) * sizeof(m->at[0]));
	m->count++;
	m->at[i].len = len;
	m->at[i + 1].seq.v += len;
	m->at[i + 1].len = (uint16_t)(m->at[i + 1].len - len);
	at = queue_remove(m, &m->at[i]);
	queue_insert(m, &m->at[i], at);
	queue_insert(m, &m->at[i + 1], at + 1);
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
		memset(m.queue, 0, sizeof(m.queue));
		l.first = (uint32_t)seed * 4000; /* their numbers wrap too */
		for (int k = 0; k < 3000; k++) {
			uint32_t what = draw_below(&dice, 12);

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
			} else if (what < 10 && m.count > 0) {
				mark(&l, &m, draw_below(&dice, m.count),
				     (uint8_t)draw_below(&dice, 16));
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

static void what_waits_goes_back_to_the_front_when_it_was_not_lost(void **state)
{
	/* Sent in the order 2 6 0 7 4 (again: 0 7 4), lost since: 1 3 once, 5 8 again. */
	static const uint32_t order[] = { 1, 3, 5, 8, 2, 6, 0, 7, 4 };
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_sent_list l = { 0 };
	static model m;

	(void)state;
	m.count = 0;
	memset(m.queue, 0, sizeof(m.queue));
	for (uint32_t i = 0; i < 9; i++)
		append(&l, &mem, &m, (hf_sent){ .seq = { i * 10 }, .len = 10 });
	mark(&l, &m, 1, HF_SENT_LOST);
	mark(&l, &m, 3, HF_SENT_LOST);
	mark(&l, &m, 0, HF_SENT_RETRANSMITTED | HF_SENT_TWICE);
	mark(&l, &m, 7, HF_SENT_RETRANSMITTED | HF_SENT_TWICE | HF_SENT_LOST);
	mark(&l, &m, 4, HF_SENT_RETRANSMITTED | HF_SENT_TWICE);
	mark(&l, &m, 5, HF_SENT_LOST | HF_SENT_TWICE);
	mark(&l, &m, 8, HF_SENT_LOST | HF_SENT_TWICE);
	assert_same(&l, &m);
	assert_int_equal(hf_sent_first_waiting(&l), 1);
	assert_int_equal(hf_sent_unmark_waiting(&l), 40);
	assert_int_equal(hf_sent_first_waiting(&l), 9);
	memset(m.queue, 0, sizeof(m.queue));
	for (uint32_t i = 0; i < 9; i++) {
		m.at[i].flags = hf_sent_at(&l, i)->flags;
		m.queue[HF_SENT_BY_TIME].seq[i] = order[i] * 10;
	}
	m.queue[HF_SENT_BY_TIME].count = 9;
	assert_int_equal(m.at[5].flags, HF_SENT_TWICE);
	assert_int_equal(m.at[7].flags, HF_SENT_RETRANSMITTED | HF_SENT_TWICE | HF_SENT_LOST);
	assert_same(&l, &m);
	hf_sent_release(&l, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
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

static void at_its_largest_the_list_takes_nothing_more(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_sent_list l = { 0 };

	(void)state;
	for (uint32_t i = 0; i < HF_SENT_MAX; i++) {
		assert_true(hf_sent_reserve(&l, &mem));
		hf_sent_append(&l, (hf_sent){ .seq = { i * 10 }, .len = 10 });
	}
	assert_false(hf_sent_reserve(&l, &mem));
	assert_false(hf_sent_split(&l, &mem, 7, 5));
	assert_int_equal(l.count, HF_SENT_MAX);
	assert_int_equal(hf_sent_at(&l, 7)->len, 10);
	hf_sent_drop_first(&l);
	assert_true(hf_sent_reserve(&l, &mem));
	assert_true(hf_sent_split(&l, &mem, 7, 5));
	assert_int_equal(l.count, HF_SENT_MAX);
	hf_sent_release(&l, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

static void a_split_gives_new_numbers_to_the_shorter_side_alone(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);

	(void)state;
	for (uint32_t i = 0; i < 9; i++) {
		hf_sent_list l = { .first = 100 };
		bool is_near_the_front = i < 4;

		for (uint32_t k = 0; k < 9; k++) {
			assert_true(hf_sent_reserve(&l, &mem));
			hf_sent_append(&l, (hf_sent){ .seq = { k * 10 }, .len = 10 });
		}
		assert_true(hf_sent_split(&l, &mem, i, 5));
		assert_int_equal(l.first, is_near_the_front ? 99 : 100);
		assert_int_equal(l.queue[HF_SENT_BY_TIME].last, l.first + 9);
		hf_sent_release(&l, &mem);
	}
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

static void where_all_waits_all_goes_back(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_sent_list l = { .first = 70000 };
	static model m;

	(void)state;
	m.count = 0;
	memset(m.queue, 0, sizeof(m.queue));
	for (uint32_t i = 0; i < 5; i++)
		append(&l, &mem, &m, (hf_sent){ .seq = { i * 10 }, .len = 10 });
	for (uint32_t i = 1; i < 5; i++)
		mark(&l, &m, i, HF_SENT_LOST);
	drop_first(&l, &m);
	assert_int_equal(l.queue[HF_SENT_BY_TIME].count, 0);
	assert_int_equal(hf_sent_unmark_waiting(&l), 40);
	memcpy(&m.queue[HF_SENT_BY_TIME], &m.queue[HF_SENT_WAITING], sizeof(m.queue[0]));
	m.queue[HF_SENT_WAITING].count = 0;
	for (uint32_t i = 0; i < 4; i++)
		m.at[i].flags = 0;
	assert_same(&l, &m);
	hf_sent_release(&l, &mem);
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_does_what_an_array_does),
		cmocka_unit_test(what_waits_goes_back_to_the_front_when_it_was_not_lost),
		cmocka_unit_test(finding_looks_for_the_first_that_ends_after_a_number),
		cmocka_unit_test(a_list_that_cannot_grow_stays_as_it_was),
		cmocka_unit_test(at_its_largest_the_list_takes_nothing_more),
		cmocka_unit_test(a_split_gives_new_numbers_to_the_shorter_side_alone),
		cmocka_unit_test(where_all_waits_all_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
