/* SPDX-License-Identifier: BSD-2-Clause */
/* A sorted set of disjoint ranges of sequence numbers: a ring with insertion and merging. */
#include "base/ranges.h"

#define FIRST_SIZE 8

static bool grow(hf_ranges *s)
{
	uint32_t size = s->size ? 2 * s->size : FIRST_SIZE;
	hf_range *at;

	if (s->count >= s->most)
		return false;
	if (s->count < s->size)
		return true;
	at = hf_mem_raw(s->mem, size * sizeof(*at));
	if (!at)
		return false;
	for (uint32_t i = 0; i < s->count; i++)
		at[i] = *hf_ranges_at(s, i);
	hf_mem_free(s->mem, s->at, s->size * sizeof(*at));
	s->at = at;
	s->size = size;
	s->first = 0;
	return true;
}

/** Opens a place before the i-th; there is room. */
static void open_place(hf_ranges *s, uint32_t i)
{
	s->count++;
	if (i < s->count / 2) {
		s->first = (s->first - 1) & (s->size - 1);
		for (uint32_t k = 0; k < i; k++)
			*hf_ranges_at(s, k) = *hf_ranges_at(s, k + 1);
	} else {
		for (uint32_t k = s->count - 1; k > i; k--)
			*hf_ranges_at(s, k) = *hf_ranges_at(s, k - 1);
	}
}

/** Takes `n` out, from the i-th on. */
static void close_places(hf_ranges *s, uint32_t i, uint32_t n)
{
	if (n == 0)
		return;
	if (i < s->count / 2) {
		for (uint32_t k = i; k > 0; k--)
			*hf_ranges_at(s, k + n - 1) = *hf_ranges_at(s, k - 1);
		s->first = (s->first + n) & (s->size - 1);
	} else {
		for (uint32_t k = i; k + n < s->count; k++)
			*hf_ranges_at(s, k) = *hf_ranges_at(s, k + n);
	}
	s->count -= n;
}

void hf_ranges_release(hf_ranges *s)
{
	if (s->at)
		hf_mem_free(s->mem, s->at, s->size * sizeof(*s->at));
	*s = hf_ranges_of(s->mem, s->most);
}

uint32_t hf_ranges_find(const hf_ranges *s, hf_seq seq)
{
	uint32_t low = 0, high = s->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (hf_seq_lt(seq, hf_ranges_at(s, middle)->end))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/** Index of the first range that ends at or after `seq`: one that ends there is touched. */
static uint32_t first_touched(const hf_ranges *s, hf_seq seq)
{
	uint32_t i = hf_ranges_find(s, seq);

	return i > 0 && hf_seq_eq(hf_ranges_at(s, i - 1)->end, seq) ? i - 1 : i;
}

int hf_ranges_add(hf_ranges *s, hf_range add)
{
	uint32_t first, last;

	if (!hf_seq_lt(add.start, add.end))
		return -1;
	first = first_touched(s, add.start);
	last = first;
	while (last < s->count && hf_seq_leq(hf_ranges_at(s, last)->start, add.end))
		last++;
	if (first == last) {
		if (!grow(s))
			return -1;
		open_place(s, first);
	} else {
		add.start = hf_seq_min(add.start, hf_ranges_at(s, first)->start);
		add.end = hf_seq_max(add.end, hf_ranges_at(s, last - 1)->end);
		close_places(s, first + 1, last - first - 1);
	}
	*hf_ranges_at(s, first) = add;
	return (int)first;
}

void hf_ranges_cut(hf_ranges *s, hf_seq seq)
{
	close_places(s, 0, hf_ranges_find(s, seq));
	if (s->count > 0)
		hf_ranges_at(s, 0)->start = hf_seq_max(hf_ranges_at(s, 0)->start, seq);
}

bool hf_ranges_contain(const hf_ranges *s, hf_range r)
{
	uint32_t i = hf_ranges_find(s, r.start);

	return i < s->count && hf_seq_leq(hf_ranges_at(s, i)->start, r.start) &&
	       hf_seq_leq(r.end, hf_ranges_at(s, i)->end);
}

uint32_t hf_ranges_octets(const hf_ranges *s)
{
	uint32_t octets = 0;

	for (uint32_t i = 0; i < s->count; i++)
		octets += hf_seq_span(hf_ranges_at(s, i)->start, hf_ranges_at(s, i)->end);
	return octets;
}
