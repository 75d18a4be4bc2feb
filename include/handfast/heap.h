/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc and free as a stack's allocator, for programs that have them. The library does not. */
#ifndef HANDFAST_HEAP_H
#define HANDFAST_HEAP_H

#include <handfast/types.h>
#include <stdlib.h>

static inline void *hf_heap_alloc(void *ctx, size_t octets)
{
	(void)ctx;
	return malloc(octets);
}

static inline void hf_heap_free(void *ctx, void *at, size_t octets)
{
	(void)ctx;
	(void)octets;
	free(at);
}

/** For hf_config.allocator. Any thread may use it, for any number of stacks. */
static inline hf_allocator hf_heap(void)
{
	return (hf_allocator){ hf_heap_alloc, hf_heap_free, NULL };
}

#endif
