/* SPDX-License-Identifier: BSD-2-Clause */
/* A TCP sequence number: arithmetic modulo 2^32, in a type that a bare `<` does not accept. */
#ifndef HF_BASE_SEQ_H
#define HF_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/** A sequence number (RFC 9293, 3.4). Comparisons hold while both lie within 2^31 of each other. */
typedef struct hf_seq {
	uint32_t v;
} hf_seq;

static inline hf_seq hf_seq_add(hf_seq a, uint32_t n)
{
	return (hf_seq){ a.v + n };
}

/** a - b in octets; negative when a comes before b. */
static inline int32_t hf_seq_diff(hf_seq a, hf_seq b)
{
	return (int32_t)(a.v - b.v);
}

/** Octets from `from` to `to`, which does not come before it. */
static inline uint32_t hf_seq_span(hf_seq from, hf_seq to)
{
	return to.v - from.v;
}

static inline bool hf_seq_eq(hf_seq a, hf_seq b)
{
	return a.v == b.v;
}

static inline bool hf_seq_lt(hf_seq a, hf_seq b)
{
	return hf_seq_diff(a, b) < 0;
}

static inline bool hf_seq_leq(hf_seq a, hf_seq b)
{
	return hf_seq_diff(a, b) <= 0;
}

/** True if a <= x < a + n, modulo 2^32. */
static inline bool hf_seq_in(hf_seq x, hf_seq a, uint32_t n)
{
	return x.v - a.v < n;
}

static inline hf_seq hf_seq_max(hf_seq a, hf_seq b)
{
	return hf_seq_lt(a, b) ? b : a;
}

static inline hf_seq hf_seq_min(hf_seq a, hf_seq b)
{
	return hf_seq_lt(a, b) ? a : b;
}

#endif
