/* SPDX-License-Identifier: BSD-2-Clause */
/* A sorted set of disjoint ranges of sequence numbers: what arrived out of order. */
#ifndef HF_BASE_RANGES_H
#define HF_BASE_RANGES_H

#include "base/mem.h"
#include "base/seq.h"

/** [start, end): at least one octet. */
typedef struct hf_range {
	hf_seq start, end;
} hf_range;

/**
 * Sorted, disjoint, never adjacent, all within 2^31 of each other. The ranges stand in a ring, so
 * that what comes and goes at either end is cheap: text arrives out of order mostly behind all that
 * is held, and the gaps are filled from the front. A place in the middle costs moving what lies on
 * its shorter side; finding one costs a binary search.
 */
typedef struct hf_ranges {
	hf_mem *mem;    /**< borrowed until hf_ranges_release */
	hf_range *at;   /**< the ring; NULL while nothing was ever held */
	uint32_t size;  /**< places; a power of two, or 0 */
	uint32_t first; /**< place of the lowest */
	uint32_t count;
	uint32_t most; /**< bounds memory and work, whatever the peer sends */
} hf_ranges;

/** An empty set of at most `most` ranges, which takes memory from `mem` as it grows. */
static inline hf_ranges hf_ranges_of(hf_mem *mem, uint32_t most)
{
	return (hf_ranges){ .mem = mem, .most = most };
}

/** The i-th lowest. */
static inline hf_range *hf_ranges_at(const hf_ranges *s, uint32_t i)
{
	return &s->at[(s->first + i) & (s->size - 1)];
}

/** Gives the memory back; the set is empty. */
void hf_ranges_release(hf_ranges *s);
/** Index of the first range that ends after `seq`; s->count if there is none. */
uint32_t hf_ranges_find(const hf_ranges *s, hf_seq seq);
/**
 * Adds `add`, merging what overlaps or touches. Returns the index of the range that now contains
 * it, or -1 if there is no room for a new range or `add` is empty (the set is then unchanged).
 */
int hf_ranges_add(hf_ranges *s, hf_range add);
/** Forgets everything before `seq`. */
void hf_ranges_cut(hf_ranges *s, hf_seq seq);
/** True if every octet of `r` is in the set. */
bool hf_ranges_contain(const hf_ranges *s, hf_range r);
/** Octets in the set: counted anew, range by range. */
uint32_t hf_ranges_octets(const hf_ranges *s);

#endif
