/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the caller's: every allocation of the core goes through this, and is counted. */
#ifndef HF_BASE_MEM_H
#define HF_BASE_MEM_H

#include <stddef.h>

#include <handfast/types.h>

/* The four functions that the core may take from outside (there is no <string.h> to rely on in a
 * freestanding build). */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int octet, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/** Sizes of blocks that are kept for reuse: powers of two from 4 KiB to 1 MiB. */
#define HF_MEM_CLASSES 9
#define HF_MEM_CACHE (UINT32_C(8) << 20) /**< octets kept for reuse, at most */

/**
 * An allocator with its account: what is out, and what may be. Buffers come and go with every
 * exchange of a connection; blocks of their sizes are kept for the next one, so that this costs
 * neither a call into the caller's allocator nor cold memory.
 */
typedef struct hf_mem {
	hf_allocator from;
	size_t used;                 /**< octets handed out */
	size_t limit;                /**< octets at most, kept ones counted; 0: no limit */
	size_t cached;               /**< octets kept for reuse */
	void *cache[HF_MEM_CLASSES]; /**< chains through the blocks' first octets */
} hf_mem;

/** Octets that are zero, or NULL past the limit or when the allocator gives none. */
void *hf_mem_new(hf_mem *m, size_t octets);
/** As hf_mem_new, but the octets are left as they come. */
void *hf_mem_raw(hf_mem *m, size_t octets);
/** Gives back what hf_mem_new or hf_mem_raw gave; NULL is allowed. */
void hf_mem_free(hf_mem *m, void *at, size_t octets);
/** Gives what is kept for reuse back to the caller's allocator. */
void hf_mem_drain(hf_mem *m);

#endif
