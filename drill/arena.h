/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is given back all at once: what belongs to one script, or to one run of it. */
#ifndef HF_DRILL_ARENA_H
#define HF_DRILL_ARENA_H

#include <stddef.h>

typedef struct hf_arena_block hf_arena_block;

/** Starts as all zero. */
typedef struct hf_arena {
	hf_arena_block *blocks; /**< the newest first */
} hf_arena;

/** Octets that are zero. Never NULL: without memory the process ends, and says so. */
void *hf_arena_take(hf_arena *a, size_t octets);
/** A copy of `len` octets of text, closed by a zero. */
char *hf_arena_copy(hf_arena *a, const char *text, size_t len);
/** Text as printf makes it. */
char *hf_arena_format(hf_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Gives everything back; the arena can be used again. */
void hf_arena_release(hf_arena *a);

#endif
