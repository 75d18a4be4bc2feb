/* SPDX-License-Identifier: BSD-2-Clause */
/* A small sorted set of disjoint ranges of sequence numbers: insertion with merging. */
#include "base/ranges.h"

#include "base/mem.h"

/* Replaces ranges [first, last) by `by`; there is room. */
static void replace(hf_ranges *s, uint32_t first, uint32_t last, hf_range by)
{
	memmove(&s->range[first + 1], &s->range[last], (s->count - last) * sizeof(hf_range));
	s->range[first] = by;
	s->count = s->count - (last - first) + 1;
}

int hf_ranges_add(hf_ranges *s, hf_range add)
{
	uint32_t first, last = s->count;

	if (!hf_seq_lt(add.start, add.end))
		return -1;
	/* From the end, because what arrives out of order mostly lies behind all that is held. */
	while (last > 0 && hf_seq_lt(add.end, s->range[last - 1].start))
		last--;
	first = last;
	while (first > 0 && hf_seq_leq(add.start, s->range[first - 1].end))
		first--;
	if (first < last) {
		add.start = hf_seq_min(add.start, s->range[first].start);
		add.end = hf_seq_max(add.end, s->range[last - 1].end);
	} else if (s->count == HF_RANGES_MAX) {
		return -1;
	}
	replace(s, first, last, add);
	return (int)first;
}

void hf_ranges_cut(hf_ranges *s, hf_seq seq)
{
	uint32_t gone = 0;

	while (gone < s->count && hf_seq_leq(s->range[gone].end, seq))
		gone++;
	s->count -= gone;
	memmove(&s->range[0], &s->range[gone], s->count * sizeof(hf_range));
	if (s->count > 0)
		s->range[0].start = hf_seq_max(s->range[0].start, seq);
}

bool hf_ranges_contain(const hf_ranges *s, hf_range r)
{
	for (uint32_t i = 0; i < s->count; i++) {
		if (hf_seq_leq(s->range[i].start, r.start) && hf_seq_leq(r.end, s->range[i].end))
			return true;
	}
	return false;
}

uint32_t hf_ranges_octets(const hf_ranges *s)
{
	uint32_t octets = 0;

	for (uint32_t i = 0; i < s->count; i++)
		octets += hf_seq_span(s->range[i].start, s->range[i].end);
	return octets;
}
