/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of segments in flight: a double-ended queue in a power-of-two array, and its orders. */
#include "tcp/tx/sent.h"

#define FIRST_SIZE 16

/* ---- Queues ---- */

static uint16_t number_of(const hf_sent_list *l, uint32_t i)
{
	return (uint16_t)(l->first + i);
}

static uint32_t index_of(const hf_sent_list *l, uint16_t number)
{
	return (uint16_t)(number - (uint16_t)l->first);
}

static hf_sent *numbered(const hf_sent_list *l, uint16_t number)
{
	return &l->at[number & (l->size - 1)];
}

static hf_sent_order order_of(uint8_t flags)
{
	if (flags & HF_SENT_SACKED)
		return HF_SENT_NOWHERE;
	if ((flags & (HF_SENT_LOST | HF_SENT_RETRANSMITTED)) != HF_SENT_LOST)
		return HF_SENT_BY_TIME;
	return flags & HF_SENT_TWICE ? HF_SENT_WAITING_AGAIN : HF_SENT_WAITING;
}

/** Into its queue, after the one numbered `after`. */
static void enter_after(hf_sent_list *l, uint16_t number, uint16_t after)
{
	hf_sent *s = numbered(l, number), *a = numbered(l, after);
	hf_sent_queue *q = &l->queue[order_of(s->flags)];

	s->before = after;
	s->after = a->after == after ? number : a->after;
	if (q->last == after)
		q->last = number;
	else
		numbered(l, s->after)->before = number;
	a->after = number;
	q->count++;
}

static void enter(hf_sent_list *l, uint16_t number)
{
	hf_sent *s = numbered(l, number);
	hf_sent_order order = order_of(s->flags);
	hf_sent_queue *q = &l->queue[order];

	if (order == HF_SENT_NOWHERE)
		return;
	if (q->count > 0) {
		enter_after(l, number, q->last);
		return;
	}
	s->before = s->after = number;
	*q = (hf_sent_queue){ .first = number, .last = number, .count = 1 };
}

static void leave(hf_sent_list *l, uint16_t number)
{
	const hf_sent *s = numbered(l, number);
	hf_sent_order order = order_of(s->flags);
	hf_sent_queue *q = &l->queue[order];

	if (order == HF_SENT_NOWHERE)
		return;
	q->count--;
	if (q->first == number)
		q->first = s->after;
	if (q->last == number)
		q->last = s->before;
	numbered(l, s->before)->after = s->after == number ? s->before : s->after;
	numbered(l, s->after)->before = s->before == number ? s->after : s->before;
}

/** Gives a segment another number, whose place is free. */
static void renumber(hf_sent_list *l, uint16_t from, uint16_t to)
{
	hf_sent *s = numbered(l, to);
	hf_sent_order order;

	*s = *numbered(l, from);
	order = order_of(s->flags);
	if (order == HF_SENT_NOWHERE)
		return;
	if (s->before == from) {
		s->before = to;
		l->queue[order].first = to;
	} else {
		numbered(l, s->before)->after = to;
	}
	if (s->after == from) {
		s->after = to;
		l->queue[order].last = to;
	} else {
		numbered(l, s->after)->before = to;
	}
}

void hf_sent_mark(hf_sent_list *l, uint32_t i, uint8_t flags)
{
	leave(l, number_of(l, i));
	hf_sent_at(l, i)->flags = flags;
	enter(l, number_of(l, i));
}

/** To the front of the segments by time, without the mark. */
static void put_back(hf_sent_list *l, uint16_t number)
{
	hf_sent_queue *q = &l->queue[HF_SENT_BY_TIME];
	hf_sent *s = numbered(l, number);

	leave(l, number);
	s->flags &= (uint8_t)~HF_SENT_LOST;
	s->before = number;
	s->after = q->count > 0 ? q->first : number;
	if (q->count > 0)
		numbered(l, q->first)->before = number;
	else
		q->last = number;
	q->first = number;
	q->count++;
}

uint32_t hf_sent_unmark_waiting(hf_sent_list *l)
{
	static const hf_sent_order waiting[] = { HF_SENT_WAITING_AGAIN, HF_SENT_WAITING };
	uint32_t octets = 0;

	for (unsigned i = 0; i < 2; i++)
		while (l->queue[waiting[i]].count > 0) {
			uint16_t last = l->queue[waiting[i]].last;

			octets += numbered(l, last)->len;
			put_back(l, last);
		}
	return octets;
}

uint32_t hf_sent_first(const hf_sent_list *l, hf_sent_order queue)
{
	return l->queue[queue].count > 0 ? index_of(l, l->queue[queue].first) : l->count;
}

uint32_t hf_sent_first_waiting(const hf_sent_list *l)
{
	uint32_t once = hf_sent_first(l, HF_SENT_WAITING);
	uint32_t again = hf_sent_first(l, HF_SENT_WAITING_AGAIN);

	if (l->count > 0 && hf_sent_is_waiting(hf_sent_at(l, 0)))
		return 0;
	return once < again ? once : again;
}

/* ---- The list ---- */

bool hf_sent_reserve(hf_sent_list *l, hf_mem *m)
{
	uint32_t size = l->size ? 2 * l->size : FIRST_SIZE;
	hf_sent *at;

	if (l->count < l->size)
		return true;
	if (size > HF_SENT_MAX)
		return false;
	at = hf_mem_raw(m, size * sizeof(*at));
	if (!at)
		return false;
	for (uint32_t i = 0; i < l->count; i++)
		at[(l->first + i) & (size - 1)] = *hf_sent_at(l, i);
	hf_mem_free(m, l->at, l->size * sizeof(*at));
	l->at = at;
	l->size = size;
	return true;
}

void hf_sent_append(hf_sent_list *l, hf_sent s)
{
	*hf_sent_at(l, l->count) = s;
	enter(l, number_of(l, l->count));
	l->count++;
}

void hf_sent_drop_first(hf_sent_list *l)
{
	leave(l, number_of(l, 0));
	l->first++;
	l->count--;
}

uint32_t hf_sent_find(const hf_sent_list *l, hf_seq seq)
{
	uint32_t low = 0, high = l->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (hf_seq_lt(seq, hf_sent_end(hf_sent_at(l, middle))))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/** Makes a place after the i-th by moving whatever side of it is shorter. */
static void open_place(hf_sent_list *l, uint32_t i)
{
	if (i < l->count / 2) {
		l->first--;
		for (uint32_t k = 0; k <= i; k++)
			renumber(l, number_of(l, k + 1), number_of(l, k));
	} else {
		for (uint32_t k = l->count; k > i + 1; k--)
			renumber(l, number_of(l, k - 1), number_of(l, k));
	}
	l->count++;
}

bool hf_sent_split(hf_sent_list *l, hf_mem *m, uint32_t i, uint16_t len)
{
	hf_sent *head, *tail;

	if (!hf_sent_reserve(l, m))
		return false;
	open_place(l, i);
	head = hf_sent_at(l, i);
	tail = hf_sent_at(l, i + 1);
	*tail = *head;
	tail->seq = hf_seq_add(head->seq, len);
	tail->len = (uint16_t)(head->len - len);
	head->len = len;
	head->flags &= (uint8_t)~HF_SENT_PUSHED;
	if (order_of(tail->flags) != HF_SENT_NOWHERE)
		enter_after(l, number_of(l, i + 1), number_of(l, i));
	return true;
}

void hf_sent_release(hf_sent_list *l, hf_mem *m)
{
	hf_mem_free(m, l->at, l->size * sizeof(*l->at));
	*l = (hf_sent_list){ 0 };
}
