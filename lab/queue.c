/* SPDX-License-Identifier: BSD-2-Clause */
/* The event queue: a binary heap, ordered by time, then by order of insertion. */
#include "lab/parts.h"

static bool is_before(const hf_lab_event *a, const hf_lab_event *b)
{
	return a->at.ns != b->at.ns ? a->at.ns < b->at.ns : a->number < b->number;
}

/* Puts `event` at `i` or above it. */
static void sift_up(hf_lab_queue *q, size_t i, const hf_lab_event *event)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (!is_before(event, &q->event[parent]))
			break;
		q->event[i] = q->event[parent];
		i = parent;
	}
	q->event[i] = *event;
}

/* Puts `event` at `i` or below it. */
static void sift_down(hf_lab_queue *q, size_t i, const hf_lab_event *event)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= q->count)
			break;
		if (child + 1 < q->count && is_before(&q->event[child + 1], &q->event[child]))
			child++;
		if (!is_before(&q->event[child], event))
			break;
		q->event[i] = q->event[child];
		i = child;
	}
	q->event[i] = *event;
}

void hf_lab_queue_add(hf_lab_queue *q, hf_lab_event event)
{
	if (q->count == q->room) {
		q->room = q->room ? 2 * q->room : 64;
		q->event = hf_lab_regrab(q->event, q->room * sizeof(*q->event));
	}
	event.number = q->inserted++;
	sift_up(q, q->count++, &event);
}

hf_lab_event hf_lab_queue_take(hf_lab_queue *q)
{
	hf_lab_event first = q->event[0], last = q->event[--q->count];

	if (q->count > 0)
		sift_down(q, 0, &last);
	return first;
}

void hf_lab_queue_forget(hf_lab_queue *q, void (*call)(void *ctx), const void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < q->count; i++) {
		if (q->event[i].call != call || q->event[i].ctx != ctx)
			q->event[kept++] = q->event[i];
	}
	q->count = kept;
	for (size_t i = kept / 2; i-- > 0;) {
		hf_lab_event event = q->event[i];

		sift_down(q, i, &event);
	}
}
