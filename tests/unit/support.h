/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of base share: seeded pseudo-random numbers and an allocator that keeps count. */
#ifndef HF_TESTS_SUPPORT_H
#define HF_TESTS_SUPPORT_H

#include <stdlib.h>

#include "base/mem.h"

/* xorshift64* (Vigna 2016). The state must not be 0. */
static inline uint32_t draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)(*state * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

/* A number from 0 to n - 1. */
static inline uint32_t draw_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((uint64_t)draw(state) * n >> 32);
}

/* An allocator's view of what it gave. */
struct heap {
	size_t out;          /* octets that are out */
	bool refuses;        /* gives nothing more */
	unsigned refuses_in; /* how many more until one is refused; 0: none will be */
	bool for_good;       /* and whatever is asked for after that one */
};

static inline void *heap_alloc(void *ctx, size_t octets)
{
	struct heap *h = ctx;
	bool refused = h->refuses_in > 0 && --h->refuses_in == 0;
	void *at = h->refuses || refused ? NULL : malloc(octets);

	h->refuses |= refused && h->for_good;
	if (at) {
		memset(at, 0xa5, octets);
		h->out += octets;
	}
	return at;
}

static inline void heap_free(void *ctx, void *at, size_t octets)
{
	struct heap *h = ctx;

	h->out -= octets;
	free(at);
}

static inline hf_mem heap_mem(struct heap *h)
{
	return (hf_mem){ .from = { heap_alloc, heap_free, h } };
}

#endif
