/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of segments in flight, oldest first: a double-ended queue in a power-of-two array. */
#include "tcp/tx/sent.h"

#define FIRST_SIZE 16

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
		at[i] = *hf_sent_at(l, i);
	hf_mem_free(m, l->at, l->size * sizeof(*at));
	l->at = at;
	l->size = size;
	l->first = 0;
	return true;
}

void hf_sent_append(hf_sent_list *l, hf_sent s)
{
	*hf_sent_at(l, l->count++) = s;
}

void hf_sent_drop_first(hf_sent_list *l)
{
	l->first = (l->first + 1) & (l->size - 1);
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

bool hf_sent_split(hf_sent_list *l, hf_mem *m, uint32_t i, uint16_t len)
{
	hf_sent *head, *tail;

	if (!hf_sent_reserve(l, m))
		return false;
	l->count++;
	for (uint32_t k = l->count - 1; k > i; k--)
		*hf_sent_at(l, k) = *hf_sent_at(l, k - 1);
	head = hf_sent_at(l, i);
	tail = hf_sent_at(l, i + 1);
	tail->seq = hf_seq_add(head->seq, len);
	tail->len = (uint16_t)(head->len - len);
	head->len = len;
	return true;
}

void hf_sent_release(hf_sent_list *l, hf_mem *m)
{
	hf_mem_free(m, l->at, l->size * sizeof(*l->at));
	*l = (hf_sent_list){ 0 };
}
