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

/** An allocator with its account: what is out, and what may be. */
typedef struct hf_mem {
	hf_allocator from;
	size_t used;  /**< octets handed out */
	size_t limit; /**< octets at most; 0: no limit */
} hf_mem;

/** Octets that are zero, or NULL past the limit or when the allocator gives none. */
void *hf_mem_new(hf_mem *m, size_t octets);
/** As hf_mem_new, but the octets are left as they come. */
void *hf_mem_raw(hf_mem *m, size_t octets);
/** Gives back what hf_mem_new or hf_mem_raw gave; NULL is allowed. */
void hf_mem_free(hf_mem *m, void *at, size_t octets);

#endif
