/* SPDX-License-Identifier: BSD-2-Clause */
/* A small sorted set of disjoint ranges of sequence numbers: what arrived out of order. */
#ifndef HF_BASE_RANGES_H
#define HF_BASE_RANGES_H

#include "base/seq.h"

/** Most ranges that one set holds: bounds memory and work whatever the peer sends. */
#define HF_RANGES_MAX 32

/** [start, end): at least one octet. */
typedef struct hf_range {
	hf_seq start, end;
} hf_range;

/** Sorted, disjoint, never adjacent. All within 2^31 of each other. */
typedef struct hf_ranges {
	uint32_t count;
	hf_range range[HF_RANGES_MAX];
} hf_ranges;

/**
 * Adds `add`, merging what overlaps or touches. Returns the index of the range that now contains
 * it, or -1 if there is no room for a new range or `add` is empty (the set is then unchanged).
 */
int hf_ranges_add(hf_ranges *s, hf_range add);
/** Forgets everything before `seq`. */
void hf_ranges_cut(hf_ranges *s, hf_seq seq);
/** True if every octet of `r` is in the set. */
bool hf_ranges_contain(const hf_ranges *s, hf_range r);
/** Octets in the set. */
uint32_t hf_ranges_octets(const hf_ranges *s);

#endif
