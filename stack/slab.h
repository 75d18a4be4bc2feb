/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbered records of one size that never move: taken and given back in O(1), grown in chunks. */
#ifndef HF_STACK_SLAB_H
#define HF_STACK_SLAB_H

#include "base/mem.h"

#define HF_SLAB_CHUNK 256 /**< records a chunk */
#define HF_SLAB_NONE UINT32_MAX

/** A queue of records linked by number + 1. */
typedef struct hf_queue {
	uint32_t first, last; /**< number + 1, or 0 */
} hf_queue;

/** The first four octets of a free record are the slab's; the rest keeps what it held. */
typedef struct hf_slab {
	uint8_t **chunk;
	uint32_t chunks, chunk_limit;
	uint32_t record; /**< octets */
	uint32_t max;    /**< records at most */
	uint32_t fresh;  /**< records ever taken: numbers below have been in use */
	uint32_t used;
	uint32_t free; /**< first free record's number + 1, or 0 */
} hf_slab;

/** Prepares for up to `max` records; only the directory is allocated. False: no memory. */
bool hf_slab_init(hf_slab *s, hf_mem *m, uint32_t record, uint32_t max);
void hf_slab_release(hf_slab *s, hf_mem *m);
/**
 * A record's number, or HF_SLAB_NONE: `max` reached or no memory. A record taken for the first time
 * is all zero.
 */
uint32_t hf_slab_take(hf_slab *s, hf_mem *m);
void hf_slab_give(hf_slab *s, uint32_t number);

static inline void *hf_slab_at(const hf_slab *s, uint32_t number)
{
	return s->chunk[number / HF_SLAB_CHUNK] + (size_t)(number % HF_SLAB_CHUNK) * s->record;
}

#endif
