/* SPDX-License-Identifier: BSD-2-Clause */
/* Where connections stand: taken and given back, put to rest and woken, found by their handles. */
#include "stack/internal.h"

/*
 * Blocks of connections that are awake stand in a queue. When one more is taken, for a connection
 * that begins or wakes, the first in the queue are looked at: what is idle goes to rest, the others
 * go to its end. So what is awake is what is busy, or was a moment ago, and no timer is needed for
 * it. While there is memory, nobody can see the difference: a connection at rest is found, keeps
 * its timer, and wakes when a segment, a call or its time comes.
 */
#define LOOKED_AT 2 /**< for each block taken */

static void append_awake(hf_stack *s, hf_tcb *c)
{
	c->next_awake = 0;
	c->prev_awake = s->places.awake.last;
	if (s->places.awake.last)
		hf_conn_at(s, s->places.awake.last - 1)->next_awake = c->slot + 1;
	else
		s->places.awake.first = c->slot + 1;
	s->places.awake.last = c->slot + 1;
	s->places.awake_count++;
}

static void remove_awake(hf_stack *s, hf_tcb *c)
{
	if (c->next_awake)
		hf_conn_at(s, c->next_awake - 1)->prev_awake = c->prev_awake;
	else
		s->places.awake.last = c->prev_awake;
	if (c->prev_awake)
		hf_conn_at(s, c->prev_awake - 1)->next_awake = c->next_awake;
	else
		s->places.awake.first = c->next_awake;
	c->next_awake = c->prev_awake = 0;
	s->places.awake_count--;
}

/** False: it is not idle, or it says too much to be packed. It is out of the queue. */
static bool put_to_rest(hf_stack *s, hf_tcb *c)
{
	hf_place *p = hf_place_at(s, c->slot);
	uint8_t packed[sizeof(p->packed)];
	size_t len = hf_tcb_rests(c, s->now) ? hf_tcb_pack(c, packed, sizeof(packed)) : 0;

	if (len == 0)
		return false;
	hf_mem_free(&s->mem, c, sizeof(*c));
	memcpy(p->packed, packed, len);
	p->packed_len = (uint8_t)len;
	p->use = HF_PLACE_AT_REST;
	return true;
}

static void look_around(hf_stack *s)
{
	for (unsigned i = 0; i < LOOKED_AT && s->places.awake.first; i++) {
		hf_tcb *c = hf_conn_at(s, s->places.awake.first - 1);

		remove_awake(s, c);
		if (!put_to_rest(s, c))
			append_awake(s, c);
	}
}

static void give_block(hf_stack *s, hf_place *p, hf_tcb *c)
{
	p->use = HF_PLACE_AWAKE;
	p->block = c;
	append_awake(s, c);
}

hf_tcb *hf_place_take(hf_stack *s)
{
	hf_tcb *c;
	hf_place *p;
	uint32_t slot;

	look_around(s);
	c = hf_mem_new(&s->mem, sizeof(*c));
	slot = c ? hf_slab_take(&s->places.slab, &s->mem) : HF_SLAB_NONE;
	if (slot == HF_SLAB_NONE) {
		hf_mem_free(&s->mem, c, sizeof(*c));
		return NULL;
	}
	p = hf_place_at(s, slot);
	p->generation = p->generation == UINT32_MAX ? 1 : p->generation + 1;
	p->due = HF_NEVER;
	c->slot = slot;
	c->generation = p->generation;
	give_block(s, p, c);
	return c;
}

void hf_place_give(hf_stack *s, hf_tcb *c)
{
	uint32_t slot = c->slot;

	remove_awake(s, c);
	hf_mem_free(&s->mem, c, sizeof(*c));
	hf_place_at(s, slot)->use = HF_PLACE_FREE;
	hf_slab_give(&s->places.slab, slot);
}

static void unpack(const hf_place *p, uint32_t number, hf_tcb *c)
{
	c->flow = p->flow;
	c->slot = number;
	c->generation = p->generation;
	hf_tcb_unpack(p->packed, p->packed_len, c);
}

hf_tcb *hf_conn_wake(hf_stack *s, uint32_t number)
{
	hf_place *p = hf_place_at(s, number);
	hf_tcb *c;

	if (p->use == HF_PLACE_AWAKE)
		return p->block;
	look_around(s);
	c = hf_mem_raw(&s->mem, sizeof(*c));
	if (!c)
		return NULL;
	unpack(p, number, c);
	give_block(s, p, c);
	return c;
}

hf_tcb *hf_place_unpack(const hf_stack *s, uint32_t number, hf_tcb *room)
{
	const hf_place *p = hf_place_at(s, number);

	if (p->use == HF_PLACE_AT_REST)
		unpack(p, number, room);
	return p->use == HF_PLACE_FREE ? NULL : p->use == HF_PLACE_AWAKE ? p->block : room;
}

/** Nobody holds it, or nobody holds it yet; one at rest was accepted, and not let go. */
static bool is_held(const hf_place *p)
{
	return p->use == HF_PLACE_AT_REST ||
	       (p->use == HF_PLACE_AWAKE && !hf_tcb_has(p->block, HF_TCB_ORPHAN) &&
		!p->block->listener);
}

/** The place behind a handle, or NULL. */
static hf_place *place_of(const hf_stack *s, hf_conn handle)
{
	hf_place *p;

	if (handle.slot >= s->places.slab.fresh)
		return NULL;
	p = hf_place_at(s, handle.slot);
	return p->generation == handle.generation && is_held(p) ? p : NULL;
}

hf_tcb *hf_conn_find(hf_stack *s, hf_conn handle)
{
	return place_of(s, handle) ? hf_conn_wake(s, handle.slot) : NULL;
}

hf_err hf_conn_missing(const hf_stack *s, hf_conn handle)
{
	return place_of(s, handle) ? HF_ERR_NO_MEMORY : HF_ERR_STALE;
}

const hf_tcb *hf_conn_look(const hf_stack *s, hf_conn handle, hf_tcb *room)
{
	return place_of(s, handle) ? hf_place_unpack(s, handle.slot, room) : NULL;
}
