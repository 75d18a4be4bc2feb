/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready-made packets that wait for the link: descriptions and octets in one ring. */
#include "stack/replies.h"

/** Octets that the ring begins with: some twenty answers. */
#define LEAST 2048u

bool hf_replies_add(hf_replies *q, hf_mem *m, const hf_reply *r, const uint8_t *octets)
{
	uint32_t filled = q->end - q->first, need = (uint32_t)sizeof(*r) + r->len;
	uint32_t want = filled + need < LEAST ? LEAST : filled + need;

	if (filled + need > HF_REPLIES_OCTETS ||
	    !hf_ring_reserve(&q->ring, m, want, q->first, filled))
		return false;
	hf_ring_write(&q->ring, q->end, r, sizeof(*r));
	hf_ring_write(&q->ring, q->end + (uint32_t)sizeof(*r), octets, r->len);
	q->end += need;
	return true;
}

bool hf_replies_first(const hf_replies *q, hf_reply *out)
{
	if (q->first == q->end)
		return false;
	hf_ring_read(&q->ring, q->first, out, sizeof(*out));
	return true;
}

void hf_replies_drop(hf_replies *q, hf_mem *m, const hf_reply *r)
{
	q->first += (uint32_t)sizeof(*r) + r->len;
	if (q->first == q->end)
		hf_ring_release(&q->ring, m);
}

void hf_replies_take(hf_replies *q, hf_mem *m, const hf_reply *r, uint8_t *to)
{
	hf_ring_read(&q->ring, q->first + (uint32_t)sizeof(*r), to, r->len);
	hf_replies_drop(q, m, r);
}

void hf_replies_release(hf_replies *q, hf_mem *m)
{
	hf_ring_release(&q->ring, m);
	*q = (hf_replies){ 0 };
}
