/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table from a keyed 32-bit hash to a 32-bit value: probing, deletion, growth in steps. */
#include "base/table.h"

/*
 * Growth has two phases, and no call does more than a bounded piece of either. At 11/16 load an
 * array of twice the size is taken as `next`; each insertion clears CLEAR_STEP slots of it while
 * all still happens in `now`. When it is clear, `now` becomes `old` and `next` becomes `now`; from
 * then on each insertion moves up to MOVE_STEP slots from `old` to `now`, and every look-up asks
 * both.
 *
 * Clearing takes size / 32 insertions, so it ends below 3/4 load; moving takes about size / 9, so
 * it ends long before the new array in turn reaches 11/16. If there is no memory at 11/16 the table
 * goes on to 3/4 and asks again at each insertion; only there does an insertion fail.
 *
 * Slots leave `old` by ordinary deletion from its first slot upwards. Deletion shifts back what
 * follows, so at every moment both arrays are complete tables in which a probe ends at a free slot,
 * and everything below `moved` is free.
 */
#define SIZE_FIRST 16u
#define SIZE_MOST (UINT32_C(1) << 28)
#define CLEAR_STEP 64u
#define MOVE_STEP 16u

static bool part_new(hf_table_part *p, hf_mem *m, uint32_t size)
{
	p->slot = hf_mem_raw(m, size * sizeof(hf_slot));
	if (!p->slot)
		return false;
	p->size = size;
	p->count = 0;
	return true;
}

static void part_release(hf_table_part *p, hf_mem *m)
{
	hf_mem_free(m, p->slot, p->size * sizeof(hf_slot));
	*p = (hf_table_part){ NULL, 0, 0 };
}

static void part_insert(hf_table_part *p, hf_slot s)
{
	uint32_t i = s.hash & (p->size - 1);

	while (p->slot[i].value != HF_SLOT_FREE)
		i = (i + 1) & (p->size - 1);
	p->slot[i] = s;
	p->count++;
}

/* Empties slot `hole` and closes the gap, so that a probe never meets a free slot too early. */
static void part_delete(hf_table_part *p, uint32_t hole)
{
	uint32_t mask = p->size - 1;

	for (uint32_t i = (hole + 1) & mask; p->slot[i].value != HF_SLOT_FREE; i = (i + 1) & mask) {
		uint32_t displaced = (i - p->slot[i].hash) & mask;

		/* Only what was pushed at least as far as the hole may move there. */
		if (displaced >= ((i - hole) & mask)) {
			p->slot[hole] = p->slot[i];
			hole = i;
		}
	}
	p->slot[hole].value = HF_SLOT_FREE;
	p->count--;
}

/* The slot that holds exactly this pair, or NULL. */
static hf_slot *part_slot(const hf_table_part *p, uint32_t hash, uint32_t value)
{
	uint32_t mask = p->size - 1;

	if (p->count == 0)
		return NULL;
	for (uint32_t i = hash & mask; p->slot[i].value != HF_SLOT_FREE; i = (i + 1) & mask) {
		if (p->slot[i].hash == hash && p->slot[i].value == value)
			return &p->slot[i];
	}
	return NULL;
}

static uint32_t part_find(const hf_table_part *p, uint32_t hash, hf_table_equal equal,
			  const void *ctx)
{
	uint32_t mask = p->size - 1;

	if (p->count == 0)
		return HF_SLOT_FREE;
	for (uint32_t i = hash & mask; p->slot[i].value != HF_SLOT_FREE; i = (i + 1) & mask) {
		if (p->slot[i].hash == hash && equal(ctx, p->slot[i].value))
			return p->slot[i].value;
	}
	return HF_SLOT_FREE;
}

static void part_prefetch(const hf_table_part *p, uint32_t hash)
{
	if (p->count > 0)
		__builtin_prefetch(&p->slot[hash & (p->size - 1)]);
}

static void clear_some(hf_table *t)
{
	uint32_t left = t->next.size - t->cleared;
	uint32_t n = left < CLEAR_STEP ? left : CLEAR_STEP;

	for (uint32_t i = 0; i < n; i++)
		t->next.slot[t->cleared + i] = (hf_slot){ 0, HF_SLOT_FREE };
	t->cleared += n;
	if (t->cleared == t->next.size) {
		t->old = t->now;
		t->now = t->next;
		t->next = (hf_table_part){ NULL, 0, 0 };
		t->moved = 0;
	}
}

static void move_some(hf_table *t, hf_mem *m)
{
	for (uint32_t n = 0; n < MOVE_STEP && t->old.count > 0; n++) {
		hf_slot *s = &t->old.slot[t->moved];

		/* Deleting may shift another value into the same slot: stay until it is free. */
		if (s->value == HF_SLOT_FREE) {
			t->moved++;
		} else {
			part_insert(&t->now, *s);
			part_delete(&t->old, t->moved);
		}
	}
	if (t->old.count == 0)
		part_release(&t->old, m);
}

/* Does this insertion's share of the work. False if there is no room for one more value. */
static bool make_room(hf_table *t, hf_mem *m)
{
	uint32_t size = t->now.size, count = hf_table_count(t) + 1;

	if (size == 0) {
		if (!part_new(&t->now, m, SIZE_FIRST))
			return false;
		for (uint32_t i = 0; i < SIZE_FIRST; i++)
			t->now.slot[i] = (hf_slot){ 0, HF_SLOT_FREE };
		return true;
	}
	if (t->old.size > 0) {
		move_some(t, m);
	} else if (t->next.size > 0) {
		clear_some(t);
	} else if (count > size / 16 * 11 && size < SIZE_MOST && part_new(&t->next, m, size * 2)) {
		t->cleared = 0;
		clear_some(t);
	}
	return count <= t->now.size / 4 * 3;
}

uint32_t hf_table_find(const hf_table *t, uint32_t hash, hf_table_equal equal, const void *ctx)
{
	uint32_t value = part_find(&t->now, hash, equal, ctx);

	return value != HF_SLOT_FREE ? value : part_find(&t->old, hash, equal, ctx);
}

bool hf_table_add(hf_table *t, hf_mem *m, uint32_t hash, uint32_t value)
{
	if (!make_room(t, m))
		return false;
	part_insert(&t->now, (hf_slot){ hash, value });
	return true;
}

bool hf_table_remove(hf_table *t, uint32_t hash, uint32_t value)
{
	hf_table_part *p = &t->now;
	hf_slot *s = part_slot(p, hash, value);

	if (!s) {
		p = &t->old;
		s = part_slot(p, hash, value);
	}
	if (!s)
		return false;
	part_delete(p, (uint32_t)(s - p->slot));
	return true;
}

bool hf_table_replace(hf_table *t, uint32_t hash, uint32_t value, uint32_t by)
{
	hf_slot *s = part_slot(&t->now, hash, value);

	if (!s)
		s = part_slot(&t->old, hash, value);
	if (!s)
		return false;
	s->value = by;
	return true;
}

void hf_table_prefetch(const hf_table *t, uint32_t hash)
{
	part_prefetch(&t->now, hash);
	part_prefetch(&t->old, hash);
}

uint32_t hf_table_count(const hf_table *t)
{
	return t->now.count + t->old.count;
}

void hf_table_release(hf_table *t, hf_mem *m)
{
	part_release(&t->now, m);
	part_release(&t->old, m);
	part_release(&t->next, m);
	*t = (hf_table){ .moved = 0 };
}
